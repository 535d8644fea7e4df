package bboltstore_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/bboltstore"
	"github.com/gosessions/sessions/store/storetest"
)

func open(t testing.TB, path string) *bboltstore.Store {
	t.Helper()
	st, err := bboltstore.Open(path)
	ok(t, err)
	t.Cleanup(func() { ok(t, st.Close()) })
	return st
}

func fresh(t testing.TB) *bboltstore.Store {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "sessions.bolt"))
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func record(id string) store.Record {
	return store.Record{ID: id, Version: 1, Subject: "ann", Expires: time.Now().Add(time.Hour)}
}

func TestContract(t *testing.T) {
	testserver.Report(t, "bboltstore", "in process")
	st := fresh(t)
	storetest.Run(t, func(*testing.T) store.Store { return st })
}

func TestScenarios(t *testing.T) {
	st := fresh(t)
	scenario.Run(t, func(*testing.T) store.Store { return st })
}
