package otterstore_test

import (
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/otterstore"
	"github.com/gosessions/sessions/store/storetest"
)

func open(t testing.TB, opts otterstore.Options) *otterstore.Store {
	t.Helper()
	st, err := otterstore.New(opts)
	ok(t, err)
	return st
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func record(id, subject string, life time.Duration) store.Record {
	return store.Record{ID: id, Version: 1, Subject: subject, Expires: time.Now().Add(life), Data: []byte("x")}
}

func TestContract(t *testing.T) {
	testserver.Report(t, "otterstore", "in process")
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, otterstore.Options{}) })
}

func TestContractWithABoundOfRecords(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, otterstore.Options{MaxRecords: 10_000}) })
}

func TestScenarios(t *testing.T) {
	scenario.Run(t, func(t *testing.T) store.Store { return open(t, otterstore.Options{}) })
}
