package main

import (
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/otterstore"
)

const needsServer = false

func open() (store.Store, error) { return otterstore.New(otterstore.Options{MaxBytes: 1 << 20}) }
