package crash

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Reopened expects that a file of any name keeps its records, is its owner's
// alone, and has no other files beside it once it is closed.
func Reopened(t *testing.T, open Open) {
	for _, name := range []string{"sessions.db", "a b?mode=memory&x#1%20é.db"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			must(t, within(path, open, func(st Store) error { return st.Create(t.Context(), record("a", 1)) }))
			info, err := os.Stat(path)
			must(t, err)
			if info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v: others may read it", info.Mode())
			}
			if files, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(files) != 1 {
				t.Errorf("after Close there are %q, want the file alone", files)
			}
			must(t, within(path, open, func(st Store) error { _, err := st.Load(t.Context(), "a"); return err }))
		})
	}
}

// Paths opens what will not do, and expects errors that name the package once
// and say what to do; foreign is what they say of a file of another kind.
func Paths(t *testing.T, open Open, name, foreign string) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	must(t, os.WriteFile(text, []byte(strings.Repeat("this is no database\n", 1000)), 0o600))
	for path, want := range map[string]string{
		"":                                    "memstore",
		":memory:":                            "memstore",
		dir:                                   "name a file in it",
		filepath.Join(dir, "none", "x.db"):    "make its folder first",
		filepath.Join(text, "x.db"):           "not a directory",
		text:                                  foreign,
		filepath.Join(dir, "\x00sessions.db"): "invalid argument",
	} {
		err := within(path, open, func(Store) error { return nil })
		if err == nil {
			t.Errorf("Open(%q): no error", path)
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Count(err.Error(), name+": ") != 1 {
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

// within opens a store, uses it and closes it.
func within(path string, open Open, use func(Store) error) error {
	st, err := open(path)
	if err != nil {
		return err
	}
	return errors.Join(use(st), st.Close())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
