package login

import (
	"context"
	"strings"
	"time"

	"github.com/gosessions/sessions"
)

// Details of a login that the application may set.
type Details struct {
	// Remember keeps the user signed in when the browser is closed, until the
	// session has not been used for Options.RememberFor.
	Remember bool
	// Device describes what the user signs in with, for them to know it by in a
	// list of their devices: "Firefox on Linux". It is cut off after 200
	// characters.
	Device string
}

// Login signs a user in: call it once they are authenticated. The session gets
// a new id and token, and its lifetime begins. Of a visitor who was nobody it
// keeps the values that Options.Keep names, of somebody else's session none,
// of one of the same user all. When Login returns nil the login is stored and
// the response brings the cookie.
//
// Errors are those of sessions.Session.Save, and ErrBackend; the visitor is
// then to be answered by Error. With Options.MaxSessions they are also those of
// Devices, and the login is undone unless the store fails at that, too.
func (m *Manager[U, C]) Login(ctx context.Context, u U, d Details) error {
	return m.change(ctx, func(ctx context.Context, v *visit[U], s *sessions.Session) error {
		if err := named(u); err != nil {
			return err
		}
		if _, _, err := m.current(ctx, v); err != nil { // ends a session that is nobody's any more
			return err
		}
		v.leave()
		if err := m.enter(s, u, d); err != nil {
			return err
		}
		err := s.Save(ctx)
		if missing(err) { // ended meanwhile, perhaps by a login of the same form: this one begins anew
			if err = m.enter(s, u, d); err == nil {
				err = s.Save(ctx)
			}
		}
		if err != nil {
			return err
		}
		if err := m.evict(ctx, s, u); err != nil {
			s.Destroy()
			return err
		}
		v.enter(u)
		m.event(ctx, Event{Kind: EventLogin, UserID: u.UserID(), SessionID: s.ID()})
		return nil
	})
}

// enter makes a session the user's.
func (m *Manager[U, C]) enter(s *sessions.Session, u U, d Details) error {
	id := u.UserID()
	switch s.Subject() {
	case "":
		s.Clear(m.opts.Keep...)
	case id:
	default:
		s.Clear()
	}
	s.SetSubject("")
	s.SetSubject(id)
	s.SetExpiry(sessions.Expiry{})
	if d.Remember {
		s.SetExpiry(sessions.OnInactivity(m.opts.RememberFor))
	}
	now := time.Now()
	return m.key.Set(s, state{Hashes: [][]byte{m.newHash(u)}, Since: now, Proved: now, Device: text(d.Device)})
}

// text makes what a client may have sent fit to be kept.
func text(s string) string {
	runes := []rune(strings.ToValidUTF8(s, ""))
	return string(runes[:min(len(runes), 200)])
}

// Confirm notes that the user who is signed in has just proved again who they
// are, for RequireRecent. The session gets a new id and token, its lifetime
// begins again, and it keeps its values. It returns ErrAnonymous if nobody is
// signed in, ErrCredentials if somebody else is; other errors are those of
// Login.
func (m *Manager[U, C]) Confirm(ctx context.Context, u U) error {
	return m.renew(ctx, u, EventConfirmed, func(s *sessions.Session, _ U) error {
		s.SetSubject("")
		s.SetSubject(u.UserID())
		now, hash := time.Now(), m.newHash(u)
		_, err := m.key.Update(s, func(st state) state {
			st.Hashes, st.Proved = [][]byte{hash}, now
			return st
		})
		return err
	})
}

// UpdateAuthHash keeps the user who is signed in here signed in when their
// password or second factor changes; all their other sessions end at their
// next request. u is the user with the new auth hash. Call it before the change
// is stored: the session then goes with both, and no request of this browser
// can fall in between. The session gets a new id and token. Errors are those
// of Confirm.
//
// To end the others at once, call RevokeOthers after the change is stored.
func (m *Manager[U, C]) UpdateAuthHash(ctx context.Context, u U) error {
	return m.renew(ctx, u, EventChanged, func(s *sessions.Session, now U) error {
		if err := s.Renew(); err != nil {
			return err
		}
		hashes := [][]byte{m.newHash(now), m.newHash(u)}
		_, err := m.key.Update(s, func(st state) state {
			st.Hashes = hashes
			return st
		})
		return err
	})
}

// renew changes the session of the user who is signed in, and must be u.
func (m *Manager[U, C]) renew(ctx context.Context, u U, kind EventKind, f func(s *sessions.Session, now U) error) error {
	return m.change(ctx, func(ctx context.Context, v *visit[U], s *sessions.Session) error {
		now, ok, err := m.current(ctx, v)
		switch {
		case err != nil:
			return err
		case !ok:
			return ErrAnonymous
		case now.UserID() != u.UserID():
			return ErrCredentials
		}
		if err := f(s, now); err != nil {
			return err
		}
		if err := s.Save(ctx); err != nil {
			v.leave()
			return err
		}
		v.enter(u)
		m.event(ctx, Event{Kind: kind, UserID: u.UserID(), SessionID: s.ID()})
		return nil
	})
}

// Logout ends the visitor's session, of whomever it is: it is gone from the
// store when Logout returns nil, and the browser is told to forget the cookie.
// After an error the visitor must not be told that they are signed out: answer
// by Error.
func (m *Manager[U, C]) Logout(ctx context.Context) error {
	return m.change(ctx, m.leave)
}

func (m *Manager[U, C]) leave(ctx context.Context, v *visit[U], s *sessions.Session) error {
	e := Event{Kind: EventLogout, UserID: s.Subject(), SessionID: s.ID()}
	s.Destroy()
	v.leave()
	if err := s.Save(ctx); err != nil {
		return err
	}
	if e.UserID != "" {
		m.event(ctx, e)
	}
	return nil
}

// change runs f for a visitor and their session, one at a time.
func (m *Manager[U, C]) change(ctx context.Context, f func(context.Context, *visit[U], *sessions.Session) error) error {
	v := m.visit(ctx)
	if v == nil {
		return errOutside
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	ctx = m.apart(ctx)
	s, err := m.sessions.Load(ctx)
	if err != nil {
		return err
	}
	return f(ctx, v, s)
}
