package otterstore_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/otterstore"
)

func TestWhatIsNotKeptWasCounted(t *testing.T) {
	const made = 20_000
	for name, opts := range map[string]otterstore.Options{
		"bytes": {MaxBytes: 1 << 20}, "records": {MaxRecords: 2000},
	} {
		t.Run(name, func(t *testing.T) {
			var hooked atomic.Int64
			opts.OnEvict = func(id string) {
				if !strings.HasPrefix(id, "session-") {
					t.Errorf("OnEvict(%q)", id)
				}
				hooked.Add(1)
			}
			st := open(t, opts)
			for i := range made {
				ok(t, st.Create(t.Context(), record(fmt.Sprint("session-", i), "ann", time.Hour)))
			}
			st.Settle()
			if opts.MaxBytes > 0 && st.Bytes() > opts.MaxBytes || opts.MaxRecords > 0 && st.Len() > opts.MaxRecords {
				t.Errorf("%d records of %d bytes are beyond %+v", st.Len(), st.Bytes(), opts)
			}
			found := 0
			for i := range made {
				switch _, err := st.Load(t.Context(), fmt.Sprint("session-", i)); {
				case err == nil:
					found++
				case !errors.Is(err, store.ErrNotFound):
					t.Error(err)
				}
			}
			listed := 0
			for _, err := range st.List(t.Context(), "ann") {
				ok(t, err)
				listed++
			}
			if lost := made - found; lost == 0 || uint64(lost) != st.Evicted() || int64(lost) != hooked.Load() {
				t.Errorf("%d are lost, %d were counted, %d named", lost, st.Evicted(), hooked.Load())
			}
			if found != st.Len() || listed != found || st.Indexed() != found {
				t.Errorf("%d are found, %d kept, %d listed, %d indexed", found, st.Len(), listed, st.Indexed())
			}
		})
	}
}

func TestSessionsInUseSurviveAFlood(t *testing.T) {
	const regulars, strangers, bound = 500, 50_000, 2000
	st := open(t, otterstore.Options{MaxRecords: bound})
	for i := range regulars {
		ok(t, st.Create(t.Context(), record(fmt.Sprint("regular-", i), "", time.Hour)))
	}
	gone := make(map[int]bool)
	visit := func(i int) {
		if _, err := st.Load(t.Context(), fmt.Sprint("regular-", i)); err != nil {
			gone[i] = true
		}
	}
	for range 5 {
		for i := range regulars {
			visit(i)
		}
	}
	for i := range strangers {
		ok(t, st.Create(t.Context(), record(fmt.Sprint("stranger-", i), "", time.Hour)))
		visit(i % regulars)
		if i%8 == 0 {
			st.Settle() // or visits are not counted while the machine is busy
		}
	}
	if len(gone) > regulars/20 {
		t.Errorf("%d of %d regulars lost their session", len(gone), regulars)
	}
}

func TestEvictedRecordIsGoneForEveryMethod(t *testing.T) {
	evicted := make(map[string]bool)
	st := open(t, otterstore.Options{MaxRecords: 10, OnEvict: func(id string) { evicted[id] = true }})
	for i := range 20 {
		ok(t, st.Create(t.Context(), record(fmt.Sprint(i), "ann", time.Hour)))
		st.Settle()
	}
	if len(evicted) != 10 {
		t.Fatalf("%d were evicted, want 10", len(evicted))
	}
	for id := range evicted {
		if _, err := st.Load(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Load: %v", err)
		}
		if err := st.Save(t.Context(), record(id, "ann", time.Hour)); !errors.Is(err, store.ErrConflict) {
			t.Errorf("Save: %v", err)
		}
		if err := st.Touch(t.Context(), id, 1, time.Now().Add(2*time.Hour)); !errors.Is(err, store.ErrConflict) {
			t.Errorf("Touch: %v", err)
		}
		ok(t, st.Delete(t.Context(), id))
	}
}

func TestWhatTheCallerChangesIsNotEvicted(t *testing.T) {
	st := open(t, otterstore.Options{})
	r := record("a", "ann", time.Hour)
	ok(t, st.Create(t.Context(), r))
	ok(t, st.Save(t.Context(), r))
	ok(t, st.Touch(t.Context(), "a", 2, time.Now().Add(2*time.Hour)))
	ok(t, st.Delete(t.Context(), "a"))
	if n := st.Evicted(); n != 0 {
		t.Errorf("%d are counted as evicted", n)
	}
}

func TestRecordBeyondTheBoundIsRefused(t *testing.T) {
	st := open(t, otterstore.Options{MaxBytes: 10_000})
	r := record("a", "ann", time.Hour)
	ok(t, st.Create(t.Context(), r))
	large := r
	large.ID, large.Data = "b", make([]byte, 10_000)
	if err := st.Create(t.Context(), large); !errors.Is(err, otterstore.ErrTooLarge) {
		t.Errorf("Create: %v, want ErrTooLarge", err)
	}
	large.ID = "a"
	if err := st.Save(t.Context(), large); !errors.Is(err, otterstore.ErrTooLarge) {
		t.Errorf("Save: %v, want ErrTooLarge", err)
	}
	if got, err := st.Load(t.Context(), "a"); err != nil || got.Version != 1 {
		t.Errorf("afterwards there is version %d, error %v", got.Version, err)
	}
}

func TestExpiredRecordsGoAsOthersAreWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := open(t, otterstore.Options{})
		for i := range 20_000 {
			ok(t, st.Create(t.Context(), record(fmt.Sprint(i), fmt.Sprint(i%7), time.Second)))
			if i%1000 == 0 {
				<-time.After(2 * time.Second)
			}
		}
		synctest.Wait()
		if st.Len() > 3000 || st.Indexed() != st.Len() {
			t.Errorf("kept %d records of 20000 that expired in batches of 1000, %d indexed", st.Len(), st.Indexed())
		}
		if st.Evicted() != 0 {
			t.Errorf("%d expired records count as evicted", st.Evicted())
		}
	})
}

func TestExpiredRecordIsGoneAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, st := t.Context(), open(t, otterstore.Options{})
		ok(t, st.Create(ctx, record("a", "ann", time.Minute)))
		<-time.After(time.Minute - time.Millisecond)
		_, err := st.Load(ctx, "a")
		ok(t, err)
		<-time.After(time.Millisecond)
		if _, err := st.Load(ctx, "a"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("at the time: %v, want ErrNotFound", err)
		}
		for _, err := range st.List(ctx, "ann") {
			t.Errorf("List yields an expired record, error %v", err)
		}
		ok(t, st.Create(ctx, record("a", "bob", time.Minute)))
		if st.Indexed() != 1 {
			t.Errorf("%d are indexed, want 1", st.Indexed())
		}
	})
}
