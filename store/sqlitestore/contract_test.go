package sqlitestore_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/crash"
	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlitestore"
	"github.com/gosessions/sessions/store/storetest"
)

func open(t *testing.T, path string) *sqlitestore.Store {
	t.Helper()
	st, err := sqlitestore.Open(path)
	ok(t, err)
	t.Cleanup(func() { ok(t, st.Close()) })
	return st
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func record(id string) store.Record {
	return store.Record{ID: id, Version: 1, Subject: "ann", Expires: time.Now().Add(time.Hour)}
}

func TestContract(t *testing.T) {
	testserver.Report(t, "sqlitestore", "in process")
	st := open(t, filepath.Join(t.TempDir(), "sessions.db"))
	storetest.Run(t, func(*testing.T) store.Store { return st })
}

func TestScenarios(t *testing.T) {
	st := open(t, filepath.Join(t.TempDir(), "sessions.db"))
	scenario.Run(t, func(*testing.T) store.Store { return st })
}

func TestRecordsSurviveAReopening(t *testing.T) { crash.Reopened(t, openStore) }

func TestPathThatWillNotDoSaysWhatToDo(t *testing.T) {
	crash.Paths(t, openStore, "sqlitestore", "no SQLite database")
}

func TestCallsAfterCloseFail(t *testing.T) {
	st, err := sqlitestore.Open(filepath.Join(t.TempDir(), "sessions.db"))
	ok(t, err)
	ok(t, st.Close())
	if err := st.Create(t.Context(), record("a")); err == nil {
		t.Error("Create after Close: no error")
	}
	ok(t, st.Close())
}

func TestListHoldsNoConnection(t *testing.T) {
	st := open(t, filepath.Join(t.TempDir(), "sessions.db"))
	for _, id := range []string{"a", "b", "c"} {
		ok(t, st.Create(t.Context(), record(id)))
	}
	for r, err := range st.List(t.Context(), "ann") {
		ok(t, err)
		ok(t, st.Delete(t.Context(), r.ID))
	}
}
