package crash

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/gosessions/sessions/store"
)

const (
	kills    = 3
	writers  = 4
	versions = 4    // of each record
	enough   = 300  // acknowledged writes before a process is killed
	size     = 5000 // bytes of a record
	subject  = "ann"
)

// record returns what the writer stores under an id at a version.
func record(id string, version uint64) store.Record {
	return store.Record{
		ID: id, Version: version, Subject: subject, Expires: time.Now().Add(time.Hour),
		Data: bytes.Repeat([]byte{byte(version)}, size),
	}
}

// write counts up records, and prints what was acknowledged.
func (open Open) write(path string) error {
	ctx := context.Background()
	st, err := open(path)
	if err != nil {
		return err
	}
	errs, start := make(chan error), time.Now().UnixNano()
	for w := range writers {
		go func() {
			for n := 0; ; n++ {
				id := fmt.Sprint(start, "-", w, "-", n)
				if err := st.Create(ctx, record(id, 1)); err != nil {
					errs <- err
				}
				fmt.Println(id, 1)
				for v := uint64(1); v < versions; v++ {
					r := record(id, v+1)
					r.Version = v
					if err := st.Save(ctx, r); err != nil {
						errs <- err
					}
					fmt.Println(id, v+1)
				}
			}
		}()
	}
	return <-errs
}

// Kill kills processes in the middle of writes to one store, one after the
// other. Whatever they were told is stored has to be there after each, and
// whatever is there has to be whole.
func Kill(t *testing.T, path string, open Open) {
	acknowledged := map[string]uint64{}
	for range kills {
		before := len(acknowledged)
		if err := writeAndDie(t, path, acknowledged); err != nil {
			t.Fatal(err)
		}
		if n := len(acknowledged) - before; n < enough/versions {
			t.Errorf("only %d records were acknowledged", n)
		}
		st, err := open(path)
		if err != nil {
			t.Fatal(err)
		}
		for id, version := range acknowledged {
			if r, err := st.Load(t.Context(), id); err != nil || r.Version < version {
				t.Errorf("%s was acknowledged at version %d, and is at %d, error %v", id, version, r.Version, err)
			}
		}
		if err := whole(t.Context(), st, len(acknowledged)); err != nil {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// writeAndDie runs a writer until it has written enough, kills it, and adds
// the versions that were acknowledged.
func writeAndDie(t *testing.T, path string, acknowledged map[string]uint64) error {
	c := Child(t, "write", path)
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	lines := bufio.NewReader(out)
	for n := 0; ; n++ {
		if n == enough {
			if err := c.Process.Kill(); err != nil {
				return err
			}
		}
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break // what was cut off was not acknowledged
		}
		if err != nil {
			return err
		}
		var id string
		var version uint64
		if _, err := fmt.Sscan(line, &id, &version); err != nil {
			return fmt.Errorf("the writer says %q", line)
		}
		acknowledged[id] = version
	}
	if err := c.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		return fmt.Errorf("the writer ended by itself: %w", err)
	}
	return nil
}

// whole returns an error unless all that is listed, which is at least as many,
// is as it was written, and can be written again.
func whole(ctx context.Context, st Store, least int) error {
	n := 0
	for r, err := range st.List(ctx, subject) {
		if err != nil {
			return err
		}
		if want := record(r.ID, r.Version); !bytes.Equal(r.Data, want.Data) {
			return fmt.Errorf("%s at version %d is not what was written", r.ID, r.Version)
		}
		next := record(r.ID, r.Version+1)
		next.Version = r.Version
		if err := st.Save(ctx, next); err != nil {
			return fmt.Errorf("save %s again: %w", r.ID, err)
		}
		n++
	}
	if n < least {
		return fmt.Errorf("of %d records that were acknowledged, %d are listed", least, n)
	}
	return nil
}
