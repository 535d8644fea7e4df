package login

import (
	"context"
	"strings"
	"time"
	"unicode"

	"github.com/gosessions/sessions"
)

// Details of a login that the application may set.
type Details struct {
	// Remember keeps the user signed in when the browser is closed, for
	// Options.RememberFor in all. Confirm, ChangeAuthHash and another login
	// start that time again.
	Remember bool
	// Device describes the device that the user signs in with, for a list of
	// devices: "Firefox on Linux". It is cut off after 200 characters.
	Device string
}

// Login signs a user in. Call it when the user has authenticated. The session
// gets a new token, and its lifetime starts again.
//
// The values of a visitor who was nobody are dropped, except those that
// Options.Keep names. The values of another user are all dropped, those of the
// same user all kept. When Login returns nil, the login is stored and the
// response carries the cookie.
//
// If another request ends or renews the session, or signs in with it, at the
// same moment, the login begins a session of its own. So a form that is sent
// twice signs the user in twice, and both cookies work. If the visitor was
// nobody, both sessions have the values that Options.Keep names.
//
// Login returns [ErrBackend] and the errors of [sessions.Session.Save]; answer
// them with [Manager.Error]. With Options.MaxSessions it also returns the
// errors of [Manager.Devices]. The login is undone then, unless the store fails
// at that as well. With Options.RefuseAtMax it returns [ErrMaxSessions]; of
// parallel logins for the last place, all may be refused.
func (m *Manager[U, C]) Login(ctx context.Context, u U, d Details) error {
	return m.change(ctx, func(ctx context.Context, v *visit[U], s *sessions.Session) error {
		if err := named(u); err != nil {
			return err
		}
		if _, _, err := m.current(ctx, v); err != nil { // ends a session whose user may no longer use it
			return err
		}
		if err := m.room(ctx, s, u); err != nil {
			return err
		}
		v.leave()
		err := m.enter(ctx, s, u, d)
		if missing(err) { // of a session that was the user's: only a new one can be signed in
			s.Destroy()
			if err = s.Save(ctx); err == nil || missing(err) {
				err = m.enter(ctx, s, u, d)
			}
		}
		if err != nil {
			return err
		}
		if err := m.evict(ctx, s, u); err != nil {
			s.Destroy()
			_ = s.Save(ctx) // at once, so that other logins do not count it; otherwise with the response
			return err
		}
		v.enter(u)
		m.event(ctx, Event{Kind: EventLogin, UserID: u.UserID(), SessionID: s.ID()})
		return nil
	})
}

// enter makes a session the user's and saves it.
func (m *Manager[U, C]) enter(ctx context.Context, s *sessions.Session, u U, d Details) error {
	before, id := s.Subject(), u.UserID()
	if err := s.SetSubject(id); err != nil {
		return err
	}
	switch before {
	case "":
		s.ClearExcept(m.opts.Keep...)
	case id:
	default:
		s.Clear()
	}
	var policy sessions.Expiry
	if d.Remember {
		policy = sessions.Remember(m.opts.RememberIdle, m.opts.RememberFor)
	}
	s.SetExpiry(policy)
	now := time.Now()
	if err := m.key.Set(s, state{Hashes: [][]byte{m.newHash(u)}, Since: now, Proved: now, Device: text(d.Device)}); err != nil {
		return err
	}
	return s.Save(ctx)
}

// text makes text that a client may have sent fit to be stored.
func text(s string) string {
	runes := []rune(strings.ToValidUTF8(s, ""))
	return string(runes[:min(len(runes), 200)])
}

// printable is text without control characters and the like, for a log.
func printable(s string) string {
	return text(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "")))
}

// Confirm records that the user who is signed in has just authenticated again,
// for [Manager.RequireRecent]. The session gets a new token, its lifetime
// starts again, and it keeps its values.
//
// Confirm returns [ErrAnonymous] if nobody is signed in, and [ErrCredentials]
// if another user is. It returns [sessions.ErrNotFound] if another request has
// ended or renewed the session or changed its privileges; nothing has changed
// then, and the form can be sent again with the newer token. If that token was
// lost on its way to the client, the user must sign in again. Other errors are
// those of [sessions.Session.Save].
func (m *Manager[U, C]) Confirm(ctx context.Context, u U) error {
	err := m.elevate(ctx, u, func(U) func(state) state {
		proved, hashes := time.Now(), [][]byte{m.newHash(u)}
		return func(st state) state {
			st.Hashes, st.Proved = hashes, proved
			return st
		}
	})
	if err == nil {
		m.event(ctx, Event{Kind: EventConfirmed, UserID: u.UserID(), SessionID: m.currentID(ctx)})
	}
	return err
}

// ChangeAuthHash changes the password or second factor of the user who is
// signed in, and keeps this session. All other sessions of the user end at
// their next request. u is the user with the new auth hash, and store stores
// it.
//
//	changed.PasswordHash, err = passwords.Hash(ctx, password)
//	…
//	err = auth.ChangeAuthHash(ctx, changed, func(ctx context.Context) error {
//		return users.SetPasswordHash(ctx, changed)
//	})
//	…
//	err = auth.RevokeOthers(ctx) // ends the others at once
//
// The session is saved first: it gets a new token, its lifetime starts again,
// and it is valid with the old auth hash and with the new one. Then store is
// called, once, with ctx and without a lock. So no request of this browser falls
// between the two steps, and a crash between them changes nothing for the user.
//
// If the session cannot be prepared, store is not called, and errors are those
// of [Manager.Confirm]. Otherwise ChangeAuthHash returns the error of store as
// it is. The user is still signed in then, whether the new auth hash was stored
// or not.
//
// If nobody is signed in because the password was forgotten, store the new one
// and call [Manager.Login]. To change the password of another user, store it
// and call [Manager.RevokeAll].
func (m *Manager[U, C]) ChangeAuthHash(ctx context.Context, u U, store func(context.Context) error) error {
	err := m.elevate(ctx, u, func(before U) func(state) state {
		hashes := [][]byte{m.newHash(before), m.newHash(u)}
		return func(st state) state {
			st.Hashes = hashes
			return st
		}
	})
	if err != nil {
		return err
	}
	if err := store(ctx); err != nil {
		m.visit(ctx).forget()
		return err
	}
	m.event(ctx, Event{Kind: EventChanged, UserID: u.UserID(), SessionID: m.currentID(ctx)})
	return nil
}

// elevate gives the session of u, who must be signed in, a new token and
// another state. f gets the user as they were before, and returns the change.
func (m *Manager[U, C]) elevate(ctx context.Context, u U, f func(before U) func(state) state) error {
	return m.change(ctx, func(ctx context.Context, v *visit[U], s *sessions.Session) error {
		before, ok, err := m.current(ctx, v)
		switch {
		case err != nil:
			return err
		case !ok:
			return ErrAnonymous
		case before.UserID() != u.UserID():
			return ErrCredentials
		}
		if err := s.SetSubject(u.UserID()); err != nil { // first: without a new token nothing may change
			return err
		}
		if _, err = m.key.Update(s, f(before)); err == nil {
			err = s.Save(ctx)
		}
		if err != nil {
			v.leave()
			return err
		}
		v.enter(u)
		return nil
	})
}

// Logout ends the visitor's session, whoever is signed in. When Logout returns
// nil, the session is gone from the store, and the browser is told to forget
// the cookie.
//
// After an error, do not tell the visitor that they are signed out; answer with
// [Manager.Error]. The error is [sessions.ErrNotFound] if another request has
// changed the session's privileges, such as a login in another tab: that login
// goes on.
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

// change runs f for a visitor and their session, one call at a time.
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
