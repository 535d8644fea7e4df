package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/bboltstore"
	"github.com/gosessions/sessions/store/memstore"
	"github.com/gosessions/sessions/store/sqlitestore"
)

// openStore opens the store that -store names.
func openStore(name string) (store.Store, error) {
	kind, place, _ := strings.Cut(name, ":")
	switch {
	case name == "memory":
		return new(memstore.Store), nil
	case kind == "sqlite" && place != "":
		return sqlitestore.Open(place)
	case kind == "bbolt" && place != "":
		return bboltstore.Open(place)
	}
	return nil, fmt.Errorf("-store is memory, sqlite:file.db or bbolt:file.bolt, not %q", name)
}

// closeStore closes the store, if it can be closed.
func closeStore(st store.Store) error {
	if c, ok := st.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
