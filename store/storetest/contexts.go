package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/gosessions/sessions/store"
)

var contexts = []Clause{{
	Name:     "an ended context is honored",
	Sentence: "If the context has ended, a method returns its error, bare or wrapped, and does nothing.",
	Check: func(ctx context.Context, st store.Store) error {
		r, err := made(ctx, st)
		if err != nil {
			return err
		}
		ended, cancel := context.WithCancel(ctx)
		cancel()
		other, next := fresh(), r
		next.Data = []byte("never stored")
		_, loadErr := st.Load(ended, r.ID)
		errs := map[string]error{
			"Load":   loadErr,
			"Create": st.Create(ended, other),
			"Save":   st.Save(ended, next),
			"Delete": st.Delete(ended, r.ID),
			"Touch":  store.Touch(ended, st, r.ID, r.Version, r.Expires.Add(life)),
		}
		if f, ok := st.(store.Refresher); ok {
			if _, err := f.Refresh(ended, r.ID); !errors.Is(err, errors.ErrUnsupported) {
				errs["Refresh"] = err
			}
		}
		if _, ok := st.(store.Sweeper); ok {
			_, errs["Sweep"] = store.Sweep(ended, st, 1)
		}
		if _, ok := st.(store.Lister); ok {
			errs["List"] = nil
			for _, err := range store.List(ended, st, r.Subject) {
				if err != nil {
					errs["List"] = err
					break
				}
			}
		}
		for what, err := range errs {
			if err := is(what, err, context.Canceled); err != nil {
				return err
			}
		}
		return steps(
			func() error { return holds(ctx, st, r) },
			func() error { return lacks(ctx, st, other.ID) },
		)
	},
}, {
	Name:     "a deadline that has passed is honored",
	Sentence: "If the deadline has passed, a method returns context.DeadlineExceeded and does nothing.",
	Check: func(ctx context.Context, st store.Store) error {
		ended, cancel := context.WithDeadline(ctx, time.Now().Add(-time.Second))
		defer cancel()
		r := fresh()
		return steps(
			func() error { return is("Create", st.Create(ended, r), context.DeadlineExceeded) },
			func() error { return lacks(ctx, st, r.ID) },
		)
	},
}}
