package main

import (
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/cachestore"
	"github.com/gosessions/sessions/store/memstore"
)

const needsServer = false

func open() (store.Store, error) {
	return cachestore.New(new(memstore.Store), cachestore.Options{MaxStale: time.Second})
}
