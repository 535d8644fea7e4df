package login

import (
	"context"
	"errors"
	"fmt"

	"github.com/gosessions/sessions"
)

// User returns the user who is signed in; ok is false if nobody is. The first
// call of a request loads the session and asks the backend, and later calls
// return the same answer. A handler that runs long, such as a stream, calls
// [Manager.Fresh] from time to time.
//
// A session ends if its user is gone, or if the user's auth hash has changed
// since the login. Errors are [ErrBackend] and those of
// [sessions.Manager.Load]. An error never means that the visitor is nobody.
func (m *Manager[U, C]) User(ctx context.Context) (u U, ok bool, err error) {
	v := m.visit(ctx)
	if v == nil {
		return u, false, errOutside
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return m.current(m.apart(ctx), v)
}

// RequireUser is [Manager.User] for handlers that return errors: it returns
// [ErrAnonymous] if nobody is signed in.
func (m *Manager[U, C]) RequireUser(ctx context.Context) (U, error) {
	u, ok, err := m.User(ctx)
	if err == nil && !ok {
		err = ErrAnonymous
	}
	return u, err
}

// Fresh returns the user who is signed in now: it reads the session again and
// asks the backend again, and [Manager.User] returns the new answer from then
// on. Use it in streams and before a step that must not rely on an answer from
// the start of the request.
//
//	for range time.Tick(5 * time.Second) {
//		u, ok, err := auth.Fresh(r.Context())
//		if err != nil || !ok {
//			return // the client connects again, with its newest cookie
//		}
//		…
//	}
//
// ok is false from the moment that the session has ended or changed its
// privileges elsewhere: after a logout, a revocation, another login, a Confirm
// or a change of password. Errors are those of User; as there, an error does
// not mean that the visitor is nobody.
func (m *Manager[U, C]) Fresh(ctx context.Context) (u U, ok bool, err error) {
	v := m.visit(ctx)
	if v == nil {
		return u, false, errOutside
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	ctx = m.apart(ctx)
	s, err := m.sessions.Load(ctx)
	if err != nil {
		return u, false, err
	}
	switch err := s.Reload(ctx); {
	case missing(err):
		v.leave()
		return u, false, nil
	case err != nil:
		return u, false, err
	}
	return m.ask(ctx, v, s)
}

// current returns the answer that is known, as long as the session is still
// that user's. It needs v.mu.
func (m *Manager[U, C]) current(ctx context.Context, v *visit[U]) (u U, ok bool, err error) {
	if v.known && !v.ok {
		return u, false, nil
	}
	s, err := m.sessions.Load(ctx)
	if err != nil {
		return u, false, err
	}
	if v.known && s.Subject() == v.user.UserID() {
		return v.user, true, nil
	}
	return m.ask(ctx, v, s)
}

// ask asks the backend and notes the answer. It needs v.mu.
func (m *Manager[U, C]) ask(ctx context.Context, v *visit[U], s *sessions.Session) (u U, ok bool, err error) {
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

// UserOf returns the user whose session s is, by the rules of [Manager.User],
// but keeps nothing for later calls. It is for sessions outside of a request,
// such as those of [sessions.Manager.Open]. If UserOf ends such a session, the
// caller must save it.
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
	// Another request may have changed the session together with the password
	// since this one loaded it. That session is not this request's to end.
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

// end ends a session whose user may no longer use it.
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
