package storetest

import (
	"context"

	"github.com/gosessions/sessions/store"
)

var load = []Clause{{
	Name:     "load finds nothing",
	Sentence: "Load returns ErrNotFound if there is no record.",
	Check: func(ctx context.Context, st store.Store) error {
		return lacks(ctx, st, fresh().ID)
	},
}, {
	Name:     "load finds nothing expired",
	Sentence: "Load returns ErrNotFound if the record has expired, even if the backend still holds it.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := dead(ctx, st)
		if err != nil {
			return err
		}
		return lacks(ctx, st, r.ID)
	},
}, {
	Name:     "load sees a save that ended it",
	Sentence: "Load sees every write that returned before Load was called, even one that moves the expiry into the past.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		r.Expires = past()
		return steps(
			func() error { return wrap("Save", st.Save(ctx, r)) },
			func() error { return lacks(ctx, st, r.ID) },
		)
	},
}}

var remove = []Clause{{
	Name:     "delete removes",
	Sentence: "Delete removes a record.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		return steps(
			func() error { return wrap("Delete", st.Delete(ctx, r.ID)) },
			func() error { return lacks(ctx, st, r.ID) },
		)
	},
}, {
	Name:     "delete is idempotent",
	Sentence: "Delete returns nil if there is no record.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		return steps(
			func() error { return wrap("Delete of an unknown ID", st.Delete(ctx, fresh().ID)) },
			func() error { return wrap("Delete", st.Delete(ctx, r.ID)) },
			func() error { return wrap("second Delete", st.Delete(ctx, r.ID)) },
		)
	},
}, {
	Name:     "delete leaves others",
	Sentence: "Delete removes no other record.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		other := fresh()
		other.ID = r.ID + "x"
		other.Subject = r.Subject
		return steps(
			func() error { return wrap("Create", st.Create(ctx, other)) },
			func() error { return wrap("Delete", st.Delete(ctx, r.ID)) },
			func() error { return holds(ctx, st, other) },
		)
	},
}, {
	Name:     "delete makes room",
	Sentence: "After Delete, Create inserts the ID again at version 1, and Save of the old record's version returns ErrConflict.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		again := fresh()
		again.ID = r.ID
		return steps(
			func() error { return wrap("Save", st.Save(ctx, r)) },
			func() error { return wrap("Delete", st.Delete(ctx, r.ID)) },
			func() error { return wrap("Create", st.Create(ctx, again)) },
			func() error { r.Version = 2; return is("stale Save", st.Save(ctx, r), store.ErrConflict) },
			func() error { return holds(ctx, st, again) },
		)
	},
}}
