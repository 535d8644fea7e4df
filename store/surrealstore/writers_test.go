package surrealstore_test

import (
	"testing"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/store"
)

// TestWriters: each of the programs has a connection of its own.
func TestWriters(t *testing.T) {
	s := find(t)
	scenario.Writers(t, func(t *testing.T) store.Store { return open(t, connect(t, s, nil)) })
}
