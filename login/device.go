package login

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/gosessions/sessions"
)

// Device is one session of a user, for a page that shows where the user is
// signed in.
type Device struct {
	ID       string // the session's, for Revoke; not a credential, and the same for the session's whole life
	Device   string // Details.Device of the login
	SignedIn time.Time
	LastSeen time.Time // at the resolution of sessions.Session.LastSeen
	Expires  time.Time // if it is not used again
	Current  bool      // the session of this request
}

// Devices returns where a user is signed in: the current session first, then
// the others by the time of their last use. It returns [errors.ErrUnsupported]
// if the store is not a store.Lister, and [sessions.ErrUnavailable] if the
// store fails.
func (m *Manager[U, C]) Devices(ctx context.Context, u U) ([]Device, error) {
	current := m.currentID(ctx)
	var devices []Device
	err := m.each(ctx, u, func(s *sessions.Session, st state) {
		d := Device{ID: s.ID(), Device: st.Device, SignedIn: st.Since, LastSeen: s.LastSeen(), Expires: s.Expires()}
		if d.Current = d.ID == current; d.Current {
			d.LastSeen = time.Now()
		}
		devices = append(devices, d)
	})
	slices.SortFunc(devices, func(a, b Device) int {
		switch {
		case a.Current:
			return -1
		case b.Current:
			return 1
		}
		return cmp.Or(b.LastSeen.Compare(a.LastSeen), cmp.Compare(a.ID, b.ID))
	})
	return devices, err
}

// Revoke ends one session of a user by its id. An id that comes from a form
// needs no other check: Revoke returns [sessions.ErrNotFound] if the session is
// not this user's, or is gone. It returns [sessions.ErrUnavailable] if the
// store fails, and the errors of [Manager.Logout] for the session of this
// request.
func (m *Manager[U, C]) Revoke(ctx context.Context, u U, id string) error {
	if !isID(id) {
		return sessions.ErrNotFound
	}
	if id == m.currentID(ctx) && m.actor(ctx) == u.UserID() {
		return m.Logout(ctx)
	}
	s, err := m.sessions.Find(m.apart(ctx), id)
	switch {
	case errors.Is(err, sessions.ErrCorrupt), err == nil && s.Subject() != u.UserID():
		return sessions.ErrNotFound
	case err != nil:
		return err
	}
	return m.revoke(ctx, id, Event{Kind: EventRevoked, UserID: u.UserID(), By: m.actor(ctx)})
}

// isID reports whether text from a form can be the id of a session.
func isID(s string) bool {
	_, err := ulid.ParseStrict(s)
	return err == nil
}

// RevokeOthers ends all sessions of the user who is signed in, except this one.
// It returns [ErrAnonymous] if nobody is signed in. Other errors are those of
// [Manager.Devices].
func (m *Manager[U, C]) RevokeOthers(ctx context.Context) error {
	u, ok, err := m.User(ctx)
	if err == nil && !ok {
		err = ErrAnonymous
	}
	if err != nil {
		return err
	}
	return m.revokeAll(ctx, u, u.UserID(), m.currentID(ctx))
}

// RevokeAll ends all sessions of a user that began before the call, including
// the one of this request if it is theirs. Errors are those of
// [Manager.Devices]. For a user whom the backend no longer knows, call
// [sessions.Manager.RevokeAll] with their id.
func (m *Manager[U, C]) RevokeAll(ctx context.Context, u U) error {
	by := m.actor(ctx)
	var err error
	if by == u.UserID() {
		if err = m.Logout(ctx); missing(err) {
			err = nil // another request has changed its privileges; if it is still the user's, it ends with the others
		}
	}
	return errors.Join(err, m.revokeAll(ctx, u, by))
}

func (m *Manager[U, C]) revokeAll(ctx context.Context, u U, by string, except ...string) error {
	if err := m.sessions.RevokeAllExcept(m.apart(ctx), u.UserID(), except...); err != nil {
		return err
	}
	m.event(ctx, Event{Kind: EventRevoked, UserID: u.UserID(), By: by})
	return nil
}

// currentID returns the id of this request's session, "" if there is none.
func (m *Manager[U, C]) currentID(ctx context.Context) string {
	s, err := m.sessions.Load(ctx)
	if err != nil {
		return ""
	}
	return s.ID()
}

// evict ends the user's oldest logins beyond Options.MaxSessions. Parallel
// logins all agree on which are the oldest, even if one of them is their own,
// so that none ends a login that the others keep. A login from the future, by a
// clock that is ahead, must not keep the current one out: it counts as the one
// before it, and as the oldest if the clock is ahead by more than clockSkew.
func (m *Manager[U, C]) evict(ctx context.Context, current *sessions.Session, u U) error {
	switch {
	case m.opts.RefuseAtMax:
		return m.room(ctx, current, u) // a parallel login may have been faster
	case m.opts.MaxSessions == 0:
		return nil
	}
	type login struct {
		id    string
		since time.Time
		last  int // 1 for the current one, in case several have the same time
	}
	var all []login
	var currentSince time.Time
	err := m.each(ctx, u, func(s *sessions.Session, st state) {
		l := login{id: s.ID(), since: st.Since}
		if l.id == current.ID() {
			l.last, currentSince = 1, l.since
		}
		all = append(all, l)
	})
	if err != nil {
		return err
	}
	for i, l := range all {
		switch ahead := time.Until(l.since); {
		case ahead > clockSkew:
			all[i].since = time.Time{}
		case ahead > 0:
			all[i].since = currentSince
		}
	}
	slices.SortFunc(all, func(a, b login) int {
		return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.last, b.last), cmp.Compare(a.id, b.id))
	})
	for _, l := range all[:max(len(all)-m.opts.MaxSessions, 0)] {
		if err := m.revoke(ctx, l.id, Event{Kind: EventEvicted, UserID: u.UserID(), By: u.UserID()}); err != nil && !missing(err) { // a parallel login may be first
			return err
		}
	}
	return nil
}

// room returns ErrMaxSessions if Options.RefuseAtMax is set and the user has no
// room for the current session beside their others.
func (m *Manager[U, C]) room(ctx context.Context, current *sessions.Session, u U) error {
	if !m.opts.RefuseAtMax {
		return nil
	}
	others := 0
	err := m.each(ctx, u, func(s *sessions.Session, _ state) {
		if s.ID() != current.ID() {
			others++
		}
	})
	if err == nil && others >= m.opts.MaxSessions {
		err = ErrMaxSessions
		m.event(ctx, Event{Kind: EventRefused, UserID: u.UserID(), Err: err})
	}
	return err
}

func (m *Manager[U, C]) revoke(ctx context.Context, id string, e Event) error {
	if err := m.sessions.Revoke(m.apart(ctx), id); err != nil {
		return err
	}
	e.SessionID = id
	m.event(ctx, e)
	return nil
}

// each calls f for each session that signs the user in: not for those that a
// change of the auth hash has ended, and not for records that cannot be read.
func (m *Manager[U, C]) each(ctx context.Context, u U, f func(*sessions.Session, state)) error {
	for s, err := range m.sessions.List(m.apart(ctx), u.UserID()) {
		switch {
		case errors.Is(err, sessions.ErrCorrupt):
			continue
		case err != nil:
			return err
		}
		if st, _, err := m.key.Lookup(s); err == nil && m.matches(st.Hashes, u) {
			f(s, st)
		}
	}
	return nil
}
