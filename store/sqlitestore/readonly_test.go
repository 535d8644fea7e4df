//go:build unix

package sqlitestore_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gosessions/sessions/store/sqlitestore"
)

const nobody = 65534

// openUnprivileged opens a file as a user for whom permissions count.
func openUnprivileged(path string) error {
	if os.Geteuid() == 0 {
		if err := syscall.Setuid(nobody); err != nil {
			return err
		}
	}
	st, err := sqlitestore.Open(path)
	if err != nil {
		return err
	}
	fmt.Println("opened")
	return st.Close()
}

func TestFileThatMayNotBeWrittenSaysWhatToDo(t *testing.T) {
	for name, test := range map[string]struct {
		file, folder os.FileMode
		want         string
	}{
		"read-only file":          {0o444, 0o777, "the file is read-only"},
		"read-only folder":        {0, 0o555, "readable and writable"},
		"file that is unreadable": {0o000, 0o777, "readable and writable"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "sqlitestore") // t.TempDir is in a folder that others do not enter
			ok(t, err)
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			path := filepath.Join(dir, "sessions.db")
			if test.folder&0o200 != 0 {
				st, err := sqlitestore.Open(path)
				ok(t, err)
				ok(t, st.Close())
				ok(t, os.Chmod(path, test.file))
			}
			ok(t, os.Chmod(dir, test.folder))
			out, err := child(t, "open unprivileged", path).Output()
			if err == nil || !strings.Contains(string(out), test.want) {
				t.Errorf("Open: %q, want %q", out, test.want)
			}
		})
	}
}
