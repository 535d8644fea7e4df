package otterstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/otterstore"
)

func TestFaultyOptionsAreAllNamed(t *testing.T) {
	for want, opts := range map[string]otterstore.Options{
		"MaxBytes is -1":              {MaxBytes: -1, MaxRecords: -2},
		"MaxRecords is -2":            {MaxBytes: -1, MaxRecords: -2},
		"MaxBytes and MaxRecords: se": {MaxBytes: 1, MaxRecords: 1},
	} {
		if _, err := otterstore.New(opts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New(%+v): %v, want %q", opts, err, want)
		}
	}
}

// TestIndexIsExactAmongEvictions: every entry of the cache is in the index and
// no other, whatever happened at once.
func TestIndexIsExactAmongEvictions(t *testing.T) {
	st := open(t, otterstore.Options{MaxRecords: 200})
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(w)))
			for range 3000 {
				if err := change(t.Context(), st, random); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	st.Settle()
	listed := 0
	for subject := range 5 {
		for r, err := range st.List(t.Context(), fmt.Sprint("subject-", subject)) {
			ok(t, err)
			if got, err := st.Load(t.Context(), r.ID); err != nil || got.Subject != r.Subject {
				t.Errorf("%q of %q is listed, and loads as that of %q, %v", r.ID, r.Subject, got.Subject, err)
			}
			listed++
		}
	}
	if st.Evicted() == 0 || listed != st.Len() || st.Indexed() != listed {
		t.Errorf("%d evicted, %d kept, %d listed, %d indexed", st.Evicted(), st.Len(), listed, st.Indexed())
	}
}

// change does something with one of a thousand records.
func change(ctx context.Context, st *otterstore.Store, random *rand.Rand) error {
	r := record(fmt.Sprint(random.IntN(1000)), fmt.Sprint("subject-", random.IntN(5)), time.Hour)
	var err error
	switch random.IntN(5) {
	case 0, 1:
		err = st.Create(ctx, r)
	case 2:
		r.Version = uint64(1 + random.IntN(2))
		err = st.Save(ctx, r)
	case 3:
		err = st.Touch(ctx, r.ID, 1, time.Now().Add(time.Duration(random.IntN(100))*time.Hour))
	case 4:
		err = st.Delete(ctx, r.ID)
	}
	if errors.Is(err, store.ErrExists) || errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}
