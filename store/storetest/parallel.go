package storetest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/gosessions/sessions/store"
)

var parallel = []Clause{{
	Name:     "one of parallel creates wins",
	Sentence: "If several calls create the same ID, exactly one succeeds.",
	Check: func(ctx context.Context, st store.Store) error {
		for range 8 {
			r := fresh()
			if err := oneWins(16, store.ErrExists, func(i int) error {
				mine := r
				mine.Data = []byte{byte(i)}
				return st.Create(ctx, mine)
			}); err != nil {
				return wrap("Create", err)
			}
		}
		return nil
	},
}, {
	Name:     "one of parallel saves wins",
	Sentence: "If several calls save the same version, exactly one succeeds.",
	Check: func(ctx context.Context, st store.Store) error {
		for range 8 {
			r, err := made(ctx, st)
			if err != nil {
				return err
			}
			if err := oneWins(16, store.ErrConflict, func(i int) error {
				mine := r
				mine.Data = []byte{byte(i)}
				return st.Save(ctx, mine)
			}); err != nil {
				return wrap("Save", err)
			}
			got, err := st.Load(ctx, r.ID)
			if err != nil || got.Version != 2 {
				return fmt.Errorf("after one save: version %d, error %v; want version 2", got.Version, err)
			}
		}
		return nil
	},
}, {
	Name:     "parallel counters add up",
	Sentence: "Save is linearizable: no increment made with Load and Save is lost.",
	Check: func(ctx context.Context, st store.Store) error {
		const workers, each = 8, 10
		r := fresh()
		r.Data = make([]byte, 8)
		if err := st.Create(ctx, r); err != nil {
			return wrap("Create", err)
		}
		errs := inParallel(workers, func(int) error {
			for range each {
				if err := increment(ctx, st, r.ID); err != nil {
					return err
				}
			}
			return nil
		})
		if err := errors.Join(errs...); err != nil {
			return err
		}
		got, err := st.Load(ctx, r.ID)
		if err != nil {
			return wrap("Load", err)
		}
		if n := binary.BigEndian.Uint64(got.Data); n != workers*each || got.Version != workers*each+1 {
			return fmt.Errorf("counted %d at version %d, want %d at %d", n, got.Version, workers*each, workers*each+1)
		}
		return nil
	},
}, {
	Name:     "delete is final among savers",
	Sentence: "A deleted record stays deleted, whatever saves and touches are under way.",
	Check: func(ctx context.Context, st store.Store) error {
		for range 20 {
			r, err := made(ctx, st)
			if err != nil {
				return err
			}
			errs := inParallel(6, func(i int) error {
				switch i {
				case 0:
					return wrap("Delete", st.Delete(ctx, r.ID))
				case 1:
					err := store.Touch(ctx, st, r.ID, r.Version, r.Expires.Add(life))
					if errors.Is(err, store.ErrConflict) {
						return nil
					}
					return wrap("Touch", err)
				}
				err := increment(ctx, st, r.ID)
				if errors.Is(err, store.ErrNotFound) {
					return nil
				}
				return err
			})
			if err := errors.Join(errs...); err != nil {
				return err
			}
			if err := lacks(ctx, st, r.ID); err != nil {
				return err
			}
		}
		return nil
	},
}}

// increment adds one to a record's data, with Load and Save, until Save meets
// no conflict.
func increment(ctx context.Context, st store.Store, id string) error {
	for {
		r, err := st.Load(ctx, id)
		if err != nil {
			return wrap("Load", err)
		}
		n := binary.BigEndian.Uint64(append(make([]byte, 8), r.Data...)[len(r.Data):])
		r.Data = binary.BigEndian.AppendUint64(nil, n+1)
		if err := st.Save(ctx, r); !errors.Is(err, store.ErrConflict) {
			return wrap("Save", err)
		}
	}
}

// oneWins returns an error unless one of n parallel calls succeeds and all
// others return loses.
func oneWins(n int, loses error, f func(i int) error) error {
	won := 0
	for _, err := range inParallel(n, f) {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, loses):
			return err
		}
	}
	if won != 1 {
		return fmt.Errorf("%d of %d parallel calls succeeded, want 1", won, n)
	}
	return nil
}

// inParallel runs f n times at once.
func inParallel(n int, f func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}
