package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/gosessions/sessions/store"
)

var touch = []Clause{{
	Name:     "touch moves the expiry later",
	Sentence: "Touch moves the expiry of a live record to a later time. Subject and data stay the same.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		r.Expires = r.Expires.Add(life)
		if err := store.Touch(ctx, st, r.ID, r.Version, r.Expires); err != nil {
			return wrap("Touch", err)
		}
		got, err := st.Load(ctx, r.ID)
		if err != nil {
			return wrap("Load", err)
		}
		if !touches(ctx, st) {
			r.Version = got.Version // the fallback saves
		}
		return same(got, r)
	},
}, {
	Name:     "touch never moves it earlier",
	Sentence: "Touch with an earlier time changes nothing.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		for _, expires := range []time.Time{r.Expires, r.Expires.Add(-time.Minute), past()} {
			if err := store.Touch(ctx, st, r.ID, r.Version, expires); err != nil {
				return wrap("Touch", err)
			}
			if err := holds(ctx, st, r); err != nil {
				return err
			}
		}
		return nil
	},
}, {
	Name:     "touch leaves the version",
	Sentence: "Touch does not raise the version, so a save that is under way meets no conflict.",
	Check: func(ctx context.Context, st store.Store) error {
		t, ok := st.(store.Toucher)
		if !ok {
			return errors.ErrUnsupported
		}
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		return steps(
			func() error { return wrap("Touch", t.Touch(ctx, r.ID, r.Version, r.Expires.Add(life))) },
			func() error { return wrap("Save", st.Save(ctx, r)) },
			func() error { r.Version = 2; return holds(ctx, st, r) },
		)
	},
}, {
	Name:     "touch compares versions",
	Sentence: "Touch returns ErrConflict if the record is at another version, and changes nothing.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		if err := st.Save(ctx, r); err != nil {
			return wrap("Save", err)
		}
		stale := r.Version
		r.Version++
		return steps(
			func() error {
				return is("Touch", store.Touch(ctx, st, r.ID, stale, r.Expires.Add(life)), store.ErrConflict)
			},
			func() error { return holds(ctx, st, r) },
		)
	},
}, {
	Name:     "touch never creates",
	Sentence: "Touch returns ErrConflict if the record is missing, and never creates one.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		return steps(
			func() error { return wrap("Delete", st.Delete(ctx, r.ID)) },
			func() error { return is("Touch", store.Touch(ctx, st, r.ID, r.Version, r.Expires), store.ErrConflict) },
			func() error { return lacks(ctx, st, r.ID) },
		)
	},
}, {
	Name:     "touch never revives",
	Sentence: "Touch returns ErrConflict if the record has expired, and never revives it.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := dead(ctx, st)
		if err != nil {
			return err
		}
		return steps(
			func() error {
				return is("Touch", store.Touch(ctx, st, r.ID, r.Version, time.Now().Add(life)), store.ErrConflict)
			},
			func() error { return lacks(ctx, st, r.ID) },
		)
	},
}}

// touches reports whether the store itself supports Touch.
func touches(ctx context.Context, st store.Store) bool {
	t, ok := st.(store.Toucher)
	return ok && !errors.Is(t.Touch(ctx, fresh().ID, 1, past()), errors.ErrUnsupported)
}
