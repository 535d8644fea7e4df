package bboltstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/bboltstore"
)

// TestWritesThatWaitShareACommit holds the turn, so that all of these writes
// are committed as one, in the order in which they came.
func TestWritesThatWaitShareACommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		st, err := bboltstore.Open(filepath.Join(t.TempDir(), "sessions.bolt"))
		ok(t, err)
		ok(t, st.Create(ctx, record("a")))
		later, second := time.Now().Add(2*time.Hour), record("a")
		second.Version = 2
		before := st.Commits()
		release := st.HoldTurn()
		var wg sync.WaitGroup
		for _, w := range []struct {
			what string
			call func() error
			want error
		}{
			{"save", func() error { return st.Save(ctx, record("a")) }, nil},
			{"save of the same version", func() error { return st.Save(ctx, record("a")) }, store.ErrConflict},
			{"touch of a version that is over", func() error { return st.Touch(ctx, "a", 1, later) }, store.ErrConflict},
			{"save of the next", func() error { return st.Save(ctx, second) }, nil},
			{"create where there is one", func() error { return st.Create(ctx, record("a")) }, store.ErrExists},
			{"delete", func() error { return st.Delete(ctx, "a") }, nil},
			{"save of what was deleted", func() error { return st.Save(ctx, second) }, store.ErrConflict},
			{"create again", func() error { return st.Create(ctx, record("a")) }, nil},
		} {
			wg.Go(func() {
				if err := w.call(); !errors.Is(err, w.want) {
					t.Errorf("%s: error %v, want %v", w.what, err, w.want)
				}
			})
			synctest.Wait() // until it waits for its turn
		}
		ended, cancel := context.WithCancel(ctx)
		wg.Go(func() {
			if err := st.Create(ended, record("withdrawn")); !errors.Is(err, context.Canceled) {
				t.Errorf("create whose context ended while it waited: error %v", err)
			}
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		release()
		wg.Wait()
		if n := st.Commits() - before; n != 1 {
			t.Errorf("%d commits, want 1", n)
		}
		if r, err := st.Load(ctx, "a"); err != nil || r.Version != 1 {
			t.Errorf("at the end: version %d, error %v; want 1", r.Version, err)
		}
		if _, err := st.Load(ctx, "withdrawn"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("what was withdrawn: error %v", err)
		}
		ok(t, st.Close())
	})
}

// TestWriteThatFailsHarmsNoOther lets a write of a damaged record share a
// commit with others.
func TestWriteThatFailsHarmsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		st, err := bboltstore.Open(filepath.Join(t.TempDir(), "sessions.bolt"))
		ok(t, err)
		ok(t, st.Damage("bad"))
		release := st.HoldTurn()
		errs := make([]error, 3)
		var wg sync.WaitGroup
		for i, id := range []string{"before", "bad", "after"} {
			wg.Go(func() { errs[i] = st.Create(ctx, record(id)) })
			synctest.Wait()
		}
		release()
		wg.Wait()
		if errs[0] != nil || errs[1] == nil || errs[2] != nil {
			t.Errorf("errors %q, want the second's alone", errs)
		}
		for _, id := range []string{"before", "after"} {
			_, err := st.Load(ctx, id)
			ok(t, err)
		}
		ok(t, st.Close())
	})
}

// TestRecordThatCannotBeReadGoes: it stops neither Sweep nor a revocation.
func TestRecordThatCannotBeReadGoes(t *testing.T) {
	ctx := t.Context()
	st := open(t, filepath.Join(t.TempDir(), "sessions.bolt"))
	empty := st.Keys()
	for _, id := range []string{"bad", "due"} {
		r := record(id)
		r.Expires, r.Subject = time.Now().Add(-time.Hour), ""
		ok(t, st.Create(ctx, r))
	}
	ok(t, st.Damage("bad"))
	n, err := st.Sweep(ctx, 10)
	ok(t, err)
	if n != 2 || st.Keys() != empty {
		t.Errorf("swept %d, %d keys left", n, st.Keys()-empty)
	}
	ok(t, st.Damage("bad"))
	ok(t, st.Delete(ctx, "bad"))
	if _, err := st.Load(ctx, "bad"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after Delete: %v", err)
	}
}

// TestRoomIsUsedAgain fills the file and sweeps it many times.
func TestRoomIsUsedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.bolt")
	st := open(t, path)
	var first int64
	for round := range 12 {
		var wg sync.WaitGroup
		for w := range 40 {
			wg.Go(func() {
				for n := range 10 {
					r := record(fmt.Sprint(round, "-", w, "-", n))
					r.Data, r.Expires = make([]byte, 3000), time.Now()
					if err := st.Create(t.Context(), r); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if n, err := st.Sweep(t.Context(), 1000); n != 400 || err != nil {
			t.Fatalf("swept %d of 400, error %v", n, err)
		}
		info, err := os.Stat(path)
		ok(t, err)
		if round == 1 {
			first = info.Size()
		}
		if round > 1 && info.Size() > 2*first {
			t.Fatalf("%d bytes after round %d, %d after the second", info.Size(), round, first)
		}
	}
	if n := st.Keys(); n != 0 {
		t.Errorf("%d keys are left in an empty store", n)
	}
}

// TestIndexesFollowARecord changes all that is indexed, and finds no key left
// when the record is gone.
func TestIndexesFollowARecord(t *testing.T) {
	ctx, st := t.Context(), fresh(t)
	r := record("a")
	ok(t, st.Create(ctx, r))
	for _, subject := range []string{"bob", "", "ann"} {
		r.Subject, r.Expires = subject, r.Expires.Add(time.Minute)
		ok(t, st.Save(ctx, r))
		r.Version++
	}
	ok(t, st.Touch(ctx, "a", r.Version, r.Expires.Add(time.Hour)))
	if n := st.Keys(); n != 3 {
		t.Errorf("%d keys for one record, want its own and one in each index", n)
	}
	ok(t, st.Delete(ctx, "a"))
	if n := st.Keys(); n != 0 {
		t.Errorf("%d keys are left of a record that was deleted", n)
	}
}

func TestCloseWaitsForCallsAndEndsTheNext(t *testing.T) {
	st := fresh(t)
	ok(t, st.Create(t.Context(), record("a")))
	var started, wg sync.WaitGroup
	for i := range 6 {
		started.Add(1)
		wg.Go(func() {
			var err error
			for n := 0; err == nil; n++ {
				if i%2 == 0 {
					_, err = st.Load(t.Context(), "a")
				} else {
					err = st.Create(t.Context(), record(fmt.Sprint(i, "-", n)))
				}
				if n == 0 {
					started.Done()
				}
			}
			if err.Error() != "bboltstore: the store is closed" {
				t.Error(err)
			}
		})
	}
	started.Wait()
	ok(t, st.Close())
	wg.Wait()
}
