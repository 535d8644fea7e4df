package main

import (
	"context"

	"github.com/surrealdb/surrealdb.go"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/surrealstore"
)

const needsServer = true

func open() (store.Store, error) {
	conn, err := surrealstore.NewConnection(surrealstore.ConnectionOptions{URL: "ws://127.0.0.1:1"})
	if err != nil {
		return nil, err
	}
	db, err := surrealdb.FromConnection(context.Background(), conn)
	if err != nil {
		return nil, nil // a client connects when it is made
	}
	return surrealstore.New(db, surrealstore.Options{})
}
