package main

import (
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/mongostore"
)

const needsServer = true

func open() (store.Store, error) {
	client, err := mongo.Connect()
	if err != nil {
		return nil, err
	}
	return mongostore.New(client.Database("app"), mongostore.Options{})
}
