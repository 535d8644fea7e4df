package surrealstore_test

import (
	"context"
	"testing"

	surrealdb "github.com/surrealdb/surrealdb.go"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/storetest"
)

func TestContract(t *testing.T) {
	db := connect(t, find(t), nil)
	testserver.Report(t, "surrealstore", product(t, db))
	st := open(t, db)
	storetest.Run(t, func(*testing.T) store.Store { return st })
}

// TestContractOnTheClientsOwnConnection: a store takes any client.
func TestContractOnTheClientsOwnConnection(t *testing.T) {
	s := find(t)
	db, err := surrealdb.FromEndpointURLString(t.Context(), s.url)
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close(context.WithoutCancel(t.Context()))) })
	ok(t, s.login(t.Context(), db))
	st := open(t, db)
	storetest.Run(t, func(*testing.T) store.Store { return st })
}

// TestContractWithoutMigrate: the server makes a table at the first Create,
// without indexes and types.
func TestContractWithoutMigrate(t *testing.T) {
	st := bare(t, connect(t, find(t), nil))
	ok(t, st.Create(t.Context(), record("first")))
	storetest.Run(t, func(*testing.T) store.Store { return st })
}
