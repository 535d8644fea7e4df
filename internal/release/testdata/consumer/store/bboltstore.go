package main

import (
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/bboltstore"
)

const needsServer = false

func open() (store.Store, error) { return bboltstore.Open("sessions.bolt") }
