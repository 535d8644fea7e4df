package login

import (
	"context"
	"errors"
	"fmt"

	"github.com/gosessions/sessions"
)

// User returns who the visitor is; ok is false for somebody who is not signed
// in. The first call of a request loads the session and asks the backend,
// later ones return the same. A session whose user is gone, or whose user's
// auth hash has changed since the login, ends. Errors are ErrBackend and those
// of sessions.Manager.Load: none of them means that the visitor is nobody.
func (m *Manager[U, C]) User(ctx context.Context) (u U, ok bool, err error) {
	v := m.visit(ctx)
	if v == nil {
		return u, false, errOutside
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return m.current(ctx, v)
}

// current needs v.mu.
func (m *Manager[U, C]) current(ctx context.Context, v *visit[U]) (u U, ok bool, err error) {
	if v.known {
		return v.user, v.ok, nil
	}
	s, err := m.sessions.Load(ctx)
	if err != nil {
		return u, false, err
	}
	if u, ok, err = m.UserOf(ctx, s); err != nil {
		return u, false, err
	}
	if ok {
		v.enter(u)
	} else {
		v.leave()
	}
	return u, ok, nil
}

// UserOf returns whose session one is, by the rules of User, but keeps nothing
// for later calls: it is for sessions outside of a request, such as those of
// sessions.Manager.Open. There a session that ends must be saved.
func (m *Manager[U, C]) UserOf(ctx context.Context, s *sessions.Session) (u U, ok bool, err error) {
	id := s.Subject()
	if id == "" {
		return u, false, nil
	}
	u, err = m.backend.User(m.apart(ctx), id)
	if err == nil {
		err = named(u)
	}
	switch {
	case err == nil && u.UserID() != id:
		err = fmt.Errorf("it returned user %q for %q", u.UserID(), id)
	case errors.Is(err, ErrNoUser):
		return m.end(ctx, s, err)
	}
	if err != nil {
		err = m.failure("user", err)
		m.event(ctx, Event{Kind: EventFailed, UserID: id, SessionID: s.ID(), Err: err})
		return *new(U), false, err
	}
	if m.fits(s, u) {
		return u, true, nil
	}
	// The session may have gone with a change of password since it was loaded.
	switch err := s.Reload(ctx); {
	case missing(err):
		return *new(U), false, nil
	case err != nil:
		return *new(U), false, err
	case s.Subject() == id && m.fits(s, u):
		return u, true, nil
	}
	return m.end(ctx, s, errHash)
}

var errHash = errors.New("login: the user's auth hash has changed since the login")

// end ends a session that is nobody's any more.
func (m *Manager[U, C]) end(ctx context.Context, s *sessions.Session, why error) (u U, ok bool, err error) {
	m.event(ctx, Event{Kind: EventEnded, UserID: s.Subject(), SessionID: s.ID(), Err: why})
	s.Destroy()
	return u, false, nil
}

// fits reports whether a session was made for the user's auth hash.
func (m *Manager[U, C]) fits(s *sessions.Session, u U) bool {
	st, ok, err := m.key.Lookup(s)
	return err == nil && ok && m.matches(st.Hashes, u)
}
