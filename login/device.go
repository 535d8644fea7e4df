package login

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gosessions/sessions"
)

// Device is one session of a user, for a page that shows where they are signed
// in.
type Device struct {
	ID       string // the session's, for Revoke: no credential
	Device   string // Details.Device of the login
	SignedIn time.Time
	LastSeen time.Time // as exact as sessions.Session.LastSeen: to a tenth of the idle timeout, or of RememberFor
	Expires  time.Time // unless it is used
	Current  bool      // the one of this request
}

// Devices returns where a user is signed in: the current session first, then
// the one that was seen last. It returns errors.ErrUnsupported if the store is
// no store.Lister, and sessions.ErrUnavailable if it fails.
func (m *Manager[U, C]) Devices(ctx context.Context, u U) ([]Device, error) {
	current := m.currentID(ctx)
	var devices []Device
	err := m.each(ctx, u, func(s *sessions.Session, st state) error {
		d := Device{ID: s.ID(), Device: st.Device, SignedIn: st.Since, LastSeen: s.LastSeen(), Expires: s.Expires()}
		if d.Current = d.ID == current; d.Current {
			d.LastSeen = time.Now()
		}
		if m.matches(st.Hashes, u) {
			devices = append(devices, d)
		}
		return nil
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

// Revoke ends one session of a user by its id. It returns sessions.ErrNotFound
// if the user has no such session, whoever else may have: an id that comes
// from a form needs no other check. Errors are else those of Devices.
func (m *Manager[U, C]) Revoke(ctx context.Context, u U, id string) error {
	if id != "" && id == m.currentID(ctx) && m.isOf(ctx, u) {
		return m.Logout(ctx)
	}
	err := m.each(ctx, u, func(s *sessions.Session, _ state) error {
		if s.ID() != id {
			return nil
		}
		return cmp.Or(m.revoke(ctx, u, id, EventRevoked), errFound)
	})
	switch {
	case errors.Is(err, errFound):
		return nil
	case err != nil:
		return err
	}
	return sessions.ErrNotFound
}

var errFound = errors.New("found")

// RevokeOthers ends all sessions of the user who is signed in but this one. It
// returns ErrAnonymous if nobody is; errors are else those of Devices.
func (m *Manager[U, C]) RevokeOthers(ctx context.Context) error {
	u, ok, err := m.User(ctx)
	if err == nil && !ok {
		err = ErrAnonymous
	}
	if err != nil {
		return err
	}
	return m.revokeAll(ctx, u, m.currentID(ctx))
}

// RevokeAll ends all sessions of a user, also this one if it is theirs. Errors
// are those of Devices. For a user whom the backend does not know any more,
// call sessions.Manager.RevokeAll with their id.
func (m *Manager[U, C]) RevokeAll(ctx context.Context, u U) error {
	var err error
	if m.isOf(ctx, u) {
		err = m.Logout(ctx)
	}
	return errors.Join(err, m.revokeAll(ctx, u))
}

func (m *Manager[U, C]) revokeAll(ctx context.Context, u U, except ...string) error {
	if err := m.sessions.RevokeAll(m.apart(ctx), u.UserID(), except...); err != nil {
		return err
	}
	m.event(ctx, Event{Kind: EventRevoked, UserID: u.UserID()})
	return nil
}

// isOf reports whether this request's session is the user's.
func (m *Manager[U, C]) isOf(ctx context.Context, u U) bool {
	s, err := m.sessions.Load(ctx)
	return err == nil && s.Subject() == u.UserID()
}

// currentID returns the id of this request's session, "" if there is none.
func (m *Manager[U, C]) currentID(ctx context.Context) string {
	s, err := m.sessions.Load(ctx)
	if err != nil {
		return ""
	}
	return s.ID()
}

// evict ends the user's oldest logins beyond Options.MaxSessions. Logins that
// are under way beside each other all count the same ones as oldest, be it
// their own, so that none ends what the others leave. One from the future, by
// a clock that is ahead, counts as the oldest: it must not keep others out.
func (m *Manager[U, C]) evict(ctx context.Context, current *sessions.Session, u U) error {
	if m.opts.MaxSessions == 0 {
		return nil
	}
	type login struct {
		id    string
		since time.Time
		last  int // 1 for the current one, should several be of the same time
	}
	var all []login
	err := m.each(ctx, u, func(s *sessions.Session, st state) error {
		l := login{id: s.ID(), since: st.Since}
		if l.since.After(time.Now()) {
			l.since = time.Time{}
		}
		if l.id == current.ID() {
			l.last = 1
		}
		all = append(all, l)
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b login) int {
		return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.last, b.last), cmp.Compare(a.id, b.id))
	})
	for _, l := range all[:max(len(all)-m.opts.MaxSessions, 0)] {
		if err := m.revoke(ctx, u, l.id, EventEvicted); err != nil {
			return err
		}
	}
	return nil
}

func (m *Manager[U, C]) revoke(ctx context.Context, u U, id string, kind EventKind) error {
	if err := m.sessions.Revoke(m.apart(ctx), id); err != nil {
		return err
	}
	m.event(ctx, Event{Kind: kind, UserID: u.UserID(), SessionID: id})
	return nil
}

// each calls f for each live session of a user. A record that cannot be read
// lets nobody in, and is passed over.
func (m *Manager[U, C]) each(ctx context.Context, u U, f func(*sessions.Session, state) error) error {
	for s, err := range m.sessions.List(m.apart(ctx), u.UserID()) {
		switch {
		case errors.Is(err, sessions.ErrCorrupt):
			continue
		case err != nil:
			return err
		}
		st, _, _ := m.key.Lookup(s) // the zero state if it is unreadable, with which nobody signs in
		if err := f(s, st); err != nil {
			return err
		}
	}
	return nil
}
