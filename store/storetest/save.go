package storetest

import (
	"context"
	"time"

	"github.com/gosessions/sessions/store"
)

var save = []Clause{{
	Name:     "save replaces",
	Sentence: "Save replaces data, expiry and subject, and stores them under version r.Version+1.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		for version := range uint64(3) {
			next := fresh()
			next.ID, next.Version = r.ID, version+1
			next.Expires = next.Expires.Add(time.Duration(version) * time.Minute)
			if err := st.Save(ctx, next); err != nil {
				return wrap("Save", err)
			}
			next.Version++
			if err := holds(ctx, st, next); err != nil {
				return err
			}
		}
		return nil
	},
}, {
	Name:     "save may shorten",
	Sentence: "Save may set an earlier expiry.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		r.Expires = r.Expires.Add(-life / 2)
		if err := st.Save(ctx, r); err != nil {
			return wrap("Save", err)
		}
		r.Version++
		return holds(ctx, st, r)
	},
}, {
	Name:     "save compares the version",
	Sentence: "Save returns ErrConflict if the record is at another version, and changes nothing.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		if err := st.Save(ctx, r); err != nil {
			return wrap("Save", err)
		}
		r.Version = 2
		for _, version := range []uint64{0, 1, 3, 1 << 40} {
			other := fresh()
			other.ID, other.Version = r.ID, version
			if err := is("Save of another version", st.Save(ctx, other), store.ErrConflict); err != nil {
				return err
			}
			if err := holds(ctx, st, r); err != nil {
				return err
			}
		}
		return nil
	},
}, {
	Name:     "save never creates",
	Sentence: "Save returns ErrConflict if the record is missing, whatever r.Version is: there is no upsert.",
	Check: func(ctx context.Context, st store.Store) error {
		for version := range uint64(3) {
			r := fresh()
			r.Version = version
			if err := is("Save", st.Save(ctx, r), store.ErrConflict); err != nil {
				return err
			}
			if err := lacks(ctx, st, r.ID); err != nil {
				return err
			}
		}
		return nil
	},
}, {
	Name:     "save never resurrects",
	Sentence: "Save never brings back a deleted record.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		return steps(
			func() error { return wrap("Delete", st.Delete(ctx, r.ID)) },
			func() error { return is("Save", st.Save(ctx, r), store.ErrConflict) },
			func() error { return lacks(ctx, st, r.ID) },
		)
	},
}, {
	Name:     "save never revives",
	Sentence: "Save returns ErrConflict if the record has expired.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := dead(ctx, st)
		if err != nil {
			return err
		}
		r.Expires = time.Now().Add(life)
		return steps(
			func() error { return is("Save", st.Save(ctx, r), store.ErrConflict) },
			func() error { return lacks(ctx, st, r.ID) },
		)
	},
}}
