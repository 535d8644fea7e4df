package main

import (
	"context"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/option"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/firestorestore"
)

const needsServer = true

func open() (store.Store, error) {
	client, err := firestore.NewClient(context.Background(), "my-project", option.WithoutAuthentication())
	if err != nil {
		return nil, err
	}
	return firestorestore.New(client, firestorestore.Options{})
}
