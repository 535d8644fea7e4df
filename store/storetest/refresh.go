package storetest

import (
	"context"
	"errors"

	"github.com/gosessions/sessions/store"
)

var refresh = []Clause{{
	Name:     "refresh finds what load finds",
	Sentence: "Refresh returns the live record, or ErrNotFound if there is none or it has expired.",
	Check: func(ctx context.Context, st store.Store) error {
		f, ok := st.(store.Refresher)
		if !ok {
			return errors.ErrUnsupported
		}
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		finds := func(want error) func() error {
			return func() error {
				got, err := f.Refresh(ctx, r.ID)
				if errors.Is(err, errors.ErrUnsupported) {
					return err
				}
				if want != nil || err != nil {
					return is("Refresh", err, want)
				}
				return errors.Join(same(got, r), holds(ctx, st, r))
			}
		}
		return steps(
			finds(nil),
			func() error { return wrap("Save", st.Save(ctx, r)) },
			func() error { r.Version++; return nil },
			finds(nil),
			func() error { return wrap("Delete", st.Delete(ctx, r.ID)) },
			finds(store.ErrNotFound),
			func() error { r, err = dead(ctx, st); return err },
			finds(store.ErrNotFound),
		)
	},
}}
