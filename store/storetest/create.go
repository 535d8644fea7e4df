package storetest

import (
	"context"

	"github.com/gosessions/sessions/store"
)

var create = []Clause{{
	Name:     "create inserts",
	Sentence: "Create inserts a record: ID, expiry, subject and data.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		return holds(ctx, st, r)
	},
}, {
	Name:     "create stores version 1",
	Sentence: "Create inserts at version 1, whatever r.Version is.",
	Check: func(ctx context.Context, st store.Store) error {
		for _, version := range []uint64{0, 7} {
			r := fresh()
			r.Version = version
			if err := st.Create(ctx, r); err != nil {
				return wrap("Create", err)
			}
			r.Version = 1
			if err := holds(ctx, st, r); err != nil {
				return err
			}
		}
		return nil
	},
}, {
	Name:     "create refuses a taken id",
	Sentence: "Create returns ErrExists if the ID is taken, and leaves the existing record unchanged.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		other := fresh()
		other.ID = r.ID
		return steps(
			func() error { return is("second Create", st.Create(ctx, other), store.ErrExists) },
			func() error { return holds(ctx, st, r) },
		)
	},
}, {
	Name:     "create never reads as a save",
	Sentence: "Create returns ErrExists even if r.Version is the stored version.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		again := r
		again.Data = []byte("again")
		return steps(
			func() error { return is("second Create", st.Create(ctx, again), store.ErrExists) },
			func() error { return holds(ctx, st, r) },
		)
	},
}}
