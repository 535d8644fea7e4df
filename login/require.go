package login

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// HandlerFunc returns a handler that gives f the user who is signed in. If
// nobody is, [Manager.Error] answers with [ErrAnonymous].
func (m *Manager[U, C]) HandlerFunc(f func(http.ResponseWriter, *http.Request, U)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		u, err := m.RequireUser(r.Context())
		if err != nil {
			m.Error(w, r, err)
			return
		}
		f(w, r, u)
	}
}

// RequireLogin is middleware: it lets users who are signed in through to next.
// Other visitors are answered by [Manager.Error] with [ErrAnonymous].
func (m *Manager[U, C]) RequireLogin(next http.Handler) http.Handler {
	return m.require(next, func(*http.Request, U) error { return nil })
}

// RequirePredicate is middleware: it lets users for whom allowed returns true
// through. Other users are answered by [Manager.Error] with [ErrForbidden]. An
// error of this package that allowed returns is answered as such, any other
// error with [ErrBackend].
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

// RequireRecent is middleware: it lets users through who authenticated within a
// time, by [Manager.Login] or [Manager.Confirm], as [Manager.Recent] reports. It
// protects sensitive pages from anyone who finds a browser that was left alone.
// Other users are answered by [Manager.Error] with [ErrNotRecent]. If within is
// not positive, everyone is answered with an error that says so.
func (m *Manager[U, C]) RequireRecent(within time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return m.require(next, func(r *http.Request, _ U) error {
			return m.recent(r.Context(), within)
		})
	}
}

// Recent reports whether a user is signed in who authenticated within a time,
// which must be positive. If the clocks of processes differ, an authentication
// may lie in the future: by up to one minute it counts as recent, beyond that
// it does not. Errors are otherwise those of [Manager.User].
func (m *Manager[U, C]) Recent(ctx context.Context, within time.Duration) (bool, error) {
	err := m.recent(ctx, within)
	if errors.Is(err, ErrAnonymous) || errors.Is(err, ErrNotRecent) {
		return false, nil
	}
	return err == nil, err
}

// recent returns ErrAnonymous or ErrNotRecent where Recent returns false.
func (m *Manager[U, C]) recent(ctx context.Context, within time.Duration) error {
	if within <= 0 {
		return fmt.Errorf("login: Recent within %v is never true; pass a positive time, such as 10 * time.Minute", within)
	}
	if _, err := m.RequireUser(ctx); err != nil {
		return err
	}
	s, err := m.sessions.Load(ctx)
	if err != nil {
		return err
	}
	st, err := m.key.Get(s)
	if err != nil {
		return err
	}
	switch age := time.Since(st.Proved); {
	case age < -clockSkew:
		return fmt.Errorf("%w: the last time is %v in the future by this process's clock; synchronize the clocks of all processes", ErrNotRecent, -age.Round(time.Second))
	case age > within:
		return fmt.Errorf("%w: the last time was %v ago", ErrNotRecent, age.Round(time.Second))
	}
	return nil
}

// clockSkew is by how much the clocks of processes may differ.
const clockSkew = time.Minute

// require lets users for whom check returns nil through to next.
func (m *Manager[U, C]) require(next http.Handler, check func(*http.Request, U) error) http.Handler {
	return m.HandlerFunc(func(w http.ResponseWriter, r *http.Request, u U) {
		if err := check(r, u); err != nil {
			m.Error(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// failure wraps an error of a backend, unless it is one of this package.
func (m *Manager[U, C]) failure(op string, err error) error {
	for _, own := range []error{ErrCredentials, ErrNoUser, ErrAnonymous, ErrNotRecent, ErrForbidden, ErrBackend, ErrBusy} {
		if errors.Is(err, own) {
			return err
		}
	}
	return fmt.Errorf("%w: %s: %w", ErrBackend, op, err)
}
