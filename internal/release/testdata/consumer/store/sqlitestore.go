package main

import (
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlitestore"
)

const needsServer = false

func open() (store.Store, error) { return sqlitestore.Open("sessions.db") }
