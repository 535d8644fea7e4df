package main

import (
	"context"
	"database/sql"

	_ "modernc.org/sqlite"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore"
)

const needsServer = false

func open() (store.Store, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // each connection to :memory: is a database of its own
	st, err := sqlstore.New(db, sqlstore.Options{Dialect: sqlstore.SQLite})
	if err != nil {
		return nil, err
	}
	return st, st.Migrate(context.Background())
}
