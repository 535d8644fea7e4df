package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/gosessions/sessions/store"
)

// latest is the last expiry that a store must keep.
var latest = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

var expiry = []Clause{{
	Name:     "a record may expire in the year 9999",
	Sentence: "A record may expire at any time up to 9999-12-31, and is live until then.",
	Check: func(ctx context.Context, st store.Store) error {
		for what, makeFar := range map[string]func(r store.Record) error{
			"Create": func(r store.Record) error { r.Expires = latest; return st.Create(ctx, r) },
			"Save": func(r store.Record) error {
				return steps(
					func() error { return st.Create(ctx, r) },
					func() error { r.Expires = latest; return st.Save(ctx, r) },
				)
			},
			"Touch": func(r store.Record) error {
				return steps(
					func() error { return st.Create(ctx, r) },
					func() error { return store.Touch(ctx, st, r.ID, r.Version, latest) },
				)
			},
		} {
			r := fresh()
			err := wrap(what, errors.Join(makeFar(r), staysFar(ctx, st, r)))
			// It must not be left behind: it would stay for thousands of years.
			if err := errors.Join(err, wrap("Delete", st.Delete(ctx, r.ID))); err != nil {
				return err
			}
		}
		return nil
	},
}}

// staysFar returns an error unless the record is kept until the latest time,
// as one that is live, and can then expire earlier.
func staysFar(ctx context.Context, st store.Store, r store.Record) error {
	alive := func() error {
		got, err := st.Load(ctx, r.ID)
		if err != nil {
			return wrap("Load", err)
		}
		r.Version, r.Expires = got.Version, latest
		return same(got, r)
	}
	listed := func() error {
		err := lists(ctx, st, r.Subject, r.ID)
		if errors.Is(err, errors.ErrUnsupported) {
			return nil
		}
		return err
	}
	return steps(
		alive,
		listed,
		func() error {
			if _, err := store.Sweep(ctx, st, 100); !errors.Is(err, errors.ErrUnsupported) {
				return wrap("Sweep", err)
			}
			return nil
		},
		alive,
		func() error { return wrap("Touch", store.Touch(ctx, st, r.ID, r.Version, latest)) },
		func() error { return wrap("Save", st.Save(ctx, r)) },
		alive,
		func() error {
			r.Expires = fresh().Expires
			return wrap("Save of an earlier expiry", st.Save(ctx, r))
		},
		func() error { r.Version++; return holds(ctx, st, r) },
		listed,
	)
}
