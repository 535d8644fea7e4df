package sqlitestore_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/scenario"
	"github.com/gosessions/sessions/internal/testserver"
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

func TestRecordsSurviveAReopening(t *testing.T) {
	for _, name := range []string{"sessions.db", "a b?mode=memory&x#1%20é.db"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			st, err := sqlitestore.Open(path)
			ok(t, err)
			ok(t, st.Create(t.Context(), record("a")))
			info, err := os.Stat(path)
			ok(t, err)
			if info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v: others may read it", info.Mode())
			}
			ok(t, st.Close())
			if files, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(files) != 1 {
				t.Errorf("after Close there are %q, want the file alone", files)
			}
			_, err = open(t, path).Load(t.Context(), "a")
			ok(t, err)
		})
	}
}

func TestPathThatWillNotDoSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	ok(t, os.WriteFile(text, []byte(strings.Repeat("this is no database\n", 100)), 0o600))
	for path, want := range map[string]string{
		"":                                    "memstore",
		":memory:":                            "memstore",
		dir:                                   "name a file in it",
		filepath.Join(dir, "none", "x.db"):    "make its folder first",
		filepath.Join(text, "x.db"):           "not a directory",
		text:                                  "no SQLite database",
		filepath.Join(dir, "\x00sessions.db"): "invalid argument",
	} {
		st, err := sqlitestore.Open(path)
		if err == nil {
			t.Errorf("Open(%q): no error", path)
			ok(t, st.Close())
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Count(err.Error(), "sqlitestore: ") != 1 {
			t.Errorf("Open(%q): error %q lacks %q", path, err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("Open made a folder")
	}
	if after, err := os.ReadFile(text); err != nil || !strings.HasPrefix(string(after), "this is no database") {
		t.Errorf("Open changed a file that is no database: %q, %v", after, err)
	}
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
