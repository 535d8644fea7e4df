//go:build unix

package sqlitestore_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gosessions/sessions/internal/scenario"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlitestore"
)

// roles are what the test binary does when it is run as another process, by
// the environment variable SQLITESTORE_ROLE, on the file of SQLITESTORE_FILE.
var roles = map[string]func(path string) error{"write": writeForever, "count": func(path string) error {
	st, err := sqlitestore.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(count(st), st.Close())
}, "open unprivileged": openUnprivileged}

func TestMain(m *testing.M) {
	role, known := roles[os.Getenv("SQLITESTORE_ROLE")]
	if !known {
		os.Exit(scenario.Main(m, func(path string) (store.Store, error) { return sqlitestore.Open(path) }))
	}
	if err := role(os.Getenv("SQLITESTORE_FILE")); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

// child returns this binary in a role, not started yet.
func child(t *testing.T, role, path string) *exec.Cmd {
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), "SQLITESTORE_ROLE="+role, "SQLITESTORE_FILE="+path)
	c.Stderr = os.Stderr
	return c
}

const writers = 4

// writeForever counts up records, and prints what was acknowledged.
func writeForever(path string) error {
	ctx := context.Background()
	st, err := sqlitestore.Open(path)
	if err != nil {
		return err
	}
	errs := make(chan error)
	for w := range writers {
		go func() {
			for n := 0; ; n++ {
				r := record(fmt.Sprint(w, "-", n))
				r.Data = make([]byte, 5000)
				if err := st.Create(ctx, r); err != nil {
					errs <- err
				}
				fmt.Println(r.ID, 1)
				for ; r.Version < 4; r.Version++ {
					if err := st.Save(ctx, r); err != nil {
						errs <- err
					}
					fmt.Println(r.ID, r.Version+1)
				}
			}
		}()
	}
	return <-errs
}

func TestKilledProcessLosesNoAcknowledgedWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	acknowledged := map[string]uint64{}
	for range 3 {
		c := child(t, "write", path)
		out, err := c.StdoutPipe()
		ok(t, err)
		ok(t, c.Start())
		lines := bufio.NewReader(out)
		for n := 0; ; n++ {
			if n == 300 {
				ok(t, c.Process.Kill())
			}
			line, err := lines.ReadString('\n')
			if errors.Is(err, io.EOF) {
				break // what was cut off was not acknowledged
			}
			ok(t, err)
			var id string
			var version uint64
			if _, err := fmt.Sscan(line, &id, &version); err != nil {
				t.Fatalf("the writer says %q", line)
			}
			acknowledged[id] = version
		}
		if err := c.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("the writer ended by itself: %v", err)
		}
		st, err := sqlitestore.Open(path)
		ok(t, err)
		for id, version := range acknowledged {
			r, err := st.Load(t.Context(), id)
			if err != nil || r.Version < version || len(r.Data) != 5000 {
				t.Errorf("%s was acknowledged at version %d, and is at %d with %d bytes, error %v", id, version, r.Version, len(r.Data), err)
			}
			ok(t, st.Delete(t.Context(), id))
		}
		ok(t, st.Close())
		if len(acknowledged) < 75 {
			t.Errorf("only %d records were acknowledged", len(acknowledged))
		}
		clear(acknowledged)
		ok(t, os.Remove(path))
	}
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
	c := child(t, "count", path)
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
