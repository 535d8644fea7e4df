package crash

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Unwritable opens a store of one file where it may not be read or written, as
// a user for whom permissions count, and expects errors that contain these
// words.
func Unwritable(t *testing.T, open Open, readOnlyFile, readOnlyFolder, unreadableFile string) {
	for name, test := range map[string]struct {
		file, folder os.FileMode
		want         string
	}{
		"read-only file":          {0o444, 0o777, readOnlyFile},
		"read-only folder":        {0, 0o555, readOnlyFolder},
		"file that is unreadable": {0o000, 0o777, unreadableFile},
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "sessions") // t.TempDir is in a folder that others do not enter
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			path := filepath.Join(dir, "sessions.db")
			if test.folder&0o200 != 0 {
				if err := makeFile(path, test.file, open); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Chmod(dir, test.folder); err != nil {
				t.Fatal(err)
			}
			out, err := Child(t, "open unprivileged", path).Output()
			if err == nil || !strings.Contains(string(out), test.want) {
				t.Errorf("Open: %q, want %q", out, test.want)
			}
		})
	}
}

func makeFile(path string, mode os.FileMode, open Open) error {
	st, err := open(path)
	if err != nil {
		return err
	}
	if err := st.Close(); err != nil {
		return err
	}
	return os.Chmod(path, mode)
}

// unprivileged opens a store as nobody.
func (open Open) unprivileged(path string) error {
	if err := becomeNobody(); err != nil {
		return err
	}
	st, err := open(path)
	if err != nil {
		return err
	}
	fmt.Println("opened")
	return st.Close()
}
