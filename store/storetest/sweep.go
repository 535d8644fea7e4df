package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gosessions/sessions/store"
)

var sweep = []Clause{{
	Name:     "sweep removes the expired",
	Sentence: "Sweep removes expired records and returns how many it removed. If fewer than limit, no expired record was left.",
	Check: func(ctx context.Context, st store.Store) error {
		for range 4 { // the store may remove these itself in the meantime
			if _, err := dead(ctx, st); err != nil {
				return err
			}
		}
		last := fresh() // but hardly this one
		last.Expires = time.Now().Add(-time.Second)
		if err := st.Create(ctx, last); err != nil {
			return wrap("Create with a past expiry", err)
		}
		removed, err := sweepAll(ctx, st, 100)
		if err != nil {
			return err
		}
		if removed == 0 {
			return errors.New("removed no record, although one has expired")
		}
		if removed, err = store.Sweep(ctx, st, 100); err != nil || removed != 0 {
			return fmt.Errorf("another Sweep removed %d records, error %v; want none", removed, err)
		}
		return nil
	},
}, {
	Name:     "sweep keeps to its limit",
	Sentence: "Sweep removes up to limit records.",
	Check: func(ctx context.Context, st store.Store) error {
		for range 5 {
			if _, err := dead(ctx, st); err != nil {
				return err
			}
		}
		for range 3 {
			removed, err := store.Sweep(ctx, st, 2)
			switch {
			case err != nil:
				return err
			case removed > 2:
				return fmt.Errorf("removed %d records with limit 2", removed)
			}
		}
		return nil
	},
}, {
	Name:     "sweep leaves the live",
	Sentence: "Sweep never removes a live record.",
	Check: func(ctx context.Context, st store.Store) error {
		var live []store.Record
		for range 5 {
			r, err := made(ctx, st)
			if err != nil {
				return err
			}
			live = append(live, r)
			if _, err := dead(ctx, st); err != nil {
				return err
			}
		}
		if _, err := sweepAll(ctx, st, 3); err != nil {
			return err
		}
		for _, r := range live {
			if err := holds(ctx, st, r); err != nil {
				return err
			}
		}
		return nil
	},
}}

// sweepAll sweeps until no expired record is left.
func sweepAll(ctx context.Context, st store.Store, limit int) (removed int, err error) {
	for {
		n, err := store.Sweep(ctx, st, limit)
		if err != nil {
			return removed, err
		}
		if removed += n; n < limit {
			return removed, nil
		}
	}
}
