//go:build unix

package sqlitestore_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gosessions/sessions/internal/testing/crash"
	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlitestore"
)

func openStore(path string) (crash.Store, error) { return sqlitestore.Open(path) }

// roles are what the test binary does as another process.
var roles = crash.Roles{"count": func(path string) error {
	st, err := sqlitestore.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(count(st), st.Close())
}}

func TestMain(m *testing.M) {
	os.Exit(crash.Main(func() int {
		return scenario.Main(m, func(path string) (store.Store, error) { return sqlitestore.Open(path) })
	}, openStore, roles))
}

func TestKilledProcessLosesNoAcknowledgedWrite(t *testing.T) {
	crash.Kill(t, filepath.Join(t.TempDir(), "sessions.db"), openStore)
}

func TestKilledLogin(t *testing.T) {
	crash.KillLogins(t, filepath.Join(t.TempDir(), "sessions.db"), openStore)
}

func TestFileThatMayNotBeWrittenSaysWhatToDo(t *testing.T) {
	crash.Unwritable(t, openStore, "the file is read-only", "readable and writable", "readable and writable")
}

const counts = 100

// count adds counts to the record "counter", by compare-and-swap, and as many
// new records.
func count(st *sqlitestore.Store) error {
	ctx := context.Background()
	for n := range counts {
		for {
			r, err := st.Load(ctx, "counter")
			if err != nil {
				return err
			}
			r.Data = binary.BigEndian.AppendUint64(nil, binary.BigEndian.Uint64(r.Data)+1)
			if err := st.Save(ctx, r); err == nil {
				break
			} else if !errors.Is(err, store.ErrConflict) {
				return err
			}
		}
		if err := st.Create(ctx, record(fmt.Sprint(os.Getpid(), "-", n))); err != nil {
			return err
		}
	}
	return nil
}

func TestTwoProcessesShareAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	st := open(t, path)
	r := record("counter")
	r.Data = make([]byte, 8)
	ok(t, st.Create(t.Context(), r))
	c := crash.Child(t, "count", path)
	c.Stdout = os.Stdout
	ok(t, c.Start())
	ok(t, count(st))
	ok(t, c.Wait())
	r, err := st.Load(t.Context(), "counter")
	ok(t, err)
	if n := binary.BigEndian.Uint64(r.Data); n != 2*counts || r.Version != 2*counts+1 {
		t.Errorf("counted %d at version %d, want %d", n, r.Version, 2*counts)
	}
	n := 0
	for _, err := range st.List(t.Context(), "ann") {
		ok(t, err)
		n++
	}
	if n != 2*counts+1 {
		t.Errorf("there are %d records, want %d", n, 2*counts+1)
	}
}

func TestTwoProcessesServeAWebsite(t *testing.T) {
	scenario.TwoProcesses(t, filepath.Join(t.TempDir(), "sessions.db"))
}

func TestManyMakeTheFileAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			st, err := sqlitestore.Open(path)
			if err != nil {
				t.Error(err)
				return
			}
			if err := st.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
