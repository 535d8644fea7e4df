package main

import (
	"context"

	"github.com/libtnb/sqlite"
	"gorm.io/gorm"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/gormstore"
)

const needsServer = false

func open() (store.Store, error) {
	db, err := gorm.Open(sqlite.Open("app.db"))
	if err != nil {
		return nil, err
	}
	st, err := gormstore.New(db, gormstore.Options{})
	if err != nil {
		return nil, err
	}
	return st, st.Migrate(context.Background())
}
