package login

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// HandlerFunc returns a handler that wants the user who is signed in. Where
// nobody is, Error answers with ErrAnonymous.
func (m *Manager[U, C]) HandlerFunc(f func(http.ResponseWriter, *http.Request, U)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, ok, err := m.User(r.Context())
		if err == nil && !ok {
			err = ErrAnonymous
		}
		if err != nil {
			m.Error(w, r, err)
			return
		}
		f(w, r, u)
	})
}

// RequireLogin lets those who are signed in through to next. Others are
// answered by Error, with ErrAnonymous.
func (m *Manager[U, C]) RequireLogin(next http.Handler) http.Handler {
	return m.require(next, func(*http.Request, U) error { return nil })
}

// RequirePredicate lets users through of whom a predicate is true. Others who
// are signed in are answered by Error with ErrForbidden; if the predicate
// returns an error of this package, with that; else with ErrBackend.
func (m *Manager[U, C]) RequirePredicate(allowed func(*http.Request, U) (bool, error)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return m.require(next, func(r *http.Request, u U) error {
			ok, err := allowed(r, u)
			switch {
			case err != nil:
				return m.failure("predicate", err)
			case !ok:
				return ErrForbidden
			}
			return nil
		})
	}
}

// RequireRecent lets users through who have proved who they are within a time,
// by Login or Confirm: for what needs more than a browser that was left alone.
// Others are answered by Error, with ErrNotRecent.
func (m *Manager[U, C]) RequireRecent(within time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return m.require(next, func(r *http.Request, _ U) error {
			ok, err := m.Recent(r.Context(), within)
			if err == nil && !ok {
				err = ErrNotRecent
			}
			return err
		})
	}
}

// Recent reports whether somebody is signed in who has proved who they are
// within a time. Errors are those of User.
func (m *Manager[U, C]) Recent(ctx context.Context, within time.Duration) (bool, error) {
	_, ok, err := m.User(ctx)
	if err != nil || !ok {
		return false, err
	}
	s, err := m.sessions.Load(ctx)
	if err != nil {
		return false, err
	}
	st, err := m.key.Get(s)
	return err == nil && time.Since(st.Proved) <= within, err
}

// require lets users through for whom check returns nil.
func (m *Manager[U, C]) require(next http.Handler, check func(*http.Request, U) error) http.Handler {
	return m.HandlerFunc(func(w http.ResponseWriter, r *http.Request, u U) {
		if err := check(r, u); err != nil {
			m.Error(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// failure wraps what a backend said, unless it is one of our own errors.
func (m *Manager[U, C]) failure(op string, err error) error {
	for _, own := range []error{ErrCredentials, ErrNoUser, ErrAnonymous, ErrNotRecent, ErrForbidden, ErrBackend} {
		if errors.Is(err, own) {
			return err
		}
	}
	return fmt.Errorf("%w: %s: %w", ErrBackend, op, err)
}
