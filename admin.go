package sessions

import (
	"cmp"
	"context"
	"errors"
	"iter"

	"github.com/gosessions/sessions/internal/token"
	"github.com/gosessions/sessions/internal/vault"
)

// Open returns the live session of a token, for code outside of
// [Manager.Handler]: WebSocket workers, jobs. Nothing is saved unless Save is
// called. Renew and SetSubject return [ErrHeadersSent], because there is no
// response that could carry a new token. Open returns [ErrNotFound] for a token
// that is malformed, unknown, wrong or over, [ErrCorrupt] if the record cannot
// be read, and [ErrUnavailable] if the store fails.
func (m *Manager) Open(ctx context.Context, token string) (*Session, error) {
	var b base
	_, told, err := m.admit(ctx, token, new(vault.Reading), &b)
	if errors.Is(err, errReused) {
		told = m.reused(ctx, &b.Snapshot, told)
	}
	for _, e := range told {
		m.event(ctx, e)
	}
	switch {
	case err != nil:
		return nil, err
	case !b.live():
		return nil, errReused
	}
	return m.outside(b), nil
}

// Find returns the live session of an id, for jobs and operators. It does not
// count as use of the session; otherwise the session is like one of
// [Manager.Open]. Find returns [ErrNotFound] if there is no such session,
// [ErrCorrupt] if the record cannot be read, and [ErrUnavailable] if the store
// fails.
func (m *Manager) Find(ctx context.Context, id string) (*Session, error) {
	if !token.IsID(id) { // no text that a stranger sent reaches the store
		return nil, ErrNotFound
	}
	var snap vault.Snapshot
	switch err := m.vault.Find(ctx, id, &snap, new(vault.Reading)); {
	case errors.Is(err, ErrNotFound):
		return nil, ErrNotFound
	case err != nil:
		return nil, m.tellRead(ctx, id, "", err)
	}
	return m.unopened(snap), nil
}

// unopened returns a session whose token is not known.
func (m *Manager) unopened(snap vault.Snapshot) *Session {
	s := m.outside(base{Snapshot: snap, standing: earlier, loaded: snap.Subject})
	s.passive = true
	return s
}

// outside returns a session that belongs to no request.
func (m *Manager) outside(b base) *Session {
	return &Session{m: m, base: b, head: b.state(m.opts.MaxBytes)}
}

// List yields the live sessions of a subject in unspecified order, for a page
// that shows where somebody is logged in. They are like those of
// [Manager.Find]. A record that cannot be read is yielded as an error, and
// iteration then continues. List yields [errors.ErrUnsupported] if the store is
// not a store.Lister.
func (m *Manager) List(ctx context.Context, subject string) iter.Seq2[*Session, error] {
	return func(yield func(*Session, error) bool) {
		for snap, err := range m.vault.List(ctx, subject) {
			var s *Session
			switch {
			case errors.Is(err, vault.ErrExpired):
				continue
			case err == nil:
				s = m.unopened(snap)
			default:
				err = m.tellRead(ctx, snap.ID, subject, err)
			}
			if !yield(s, err) {
				return
			}
		}
	}
}

// Revoke ends the session of an id at once: its tokens are dead when Revoke
// returns nil, and no write under way brings it back. The client keeps its
// useless token. Revoke returns [ErrNotFound] if there is no such session, and
// [ErrUnavailable] if the store fails. A record that cannot be read is deleted.
func (m *Manager) Revoke(ctx context.Context, id string) error {
	if !token.IsID(id) {
		return ErrNotFound
	}
	w := m.vault.Begin(ctx)
	snap, err := w.Look(id)
	switch {
	case errors.Is(err, vault.ErrExpired): // perhaps only by the clock of this process
		return cmp.Or(w.Delete(id), ErrNotFound)
	case errors.Is(err, ErrNotFound):
		return ErrNotFound
	case err != nil && !errors.Is(err, ErrCorrupt):
		return m.tellError(ctx, id, "", err)
	}
	return m.revoke(ctx, id, snap.Subject)
}

// revoke deletes a record of this manager's.
func (m *Manager) revoke(ctx context.Context, id, subject string) error {
	w := m.vault.Begin(ctx)
	if err := w.Delete(id); err != nil {
		return m.tellError(ctx, id, subject, err)
	}
	m.event(ctx, Event{Kind: EventDestroyed, ID: id, Subject: subject})
	return nil
}

// tellError tells the event of an error that is one, and returns the error.
func (m *Manager) tellError(ctx context.Context, id, subject string, err error) error {
	if kind := eventOf(err); kind != "" && kind != EventGone {
		m.event(ctx, Event{Kind: kind, ID: id, Subject: subject, Err: err})
	}
	return err
}

// tellRead is tellError for a read, which ends with its caller: a client that
// went away says nothing about the store.
func (m *Manager) tellRead(ctx context.Context, id, subject string, err error) error {
	if ctx.Err() == context.Canceled {
		return err
	}
	return m.tellError(ctx, id, subject, err)
}

// RevokeAll ends all sessions of a subject that began before the call. It goes
// on after an error and returns all of them.
func (m *Manager) RevokeAll(ctx context.Context, subject string) error {
	return m.RevokeAllExcept(ctx, subject)
}

// RevokeAllExcept ends all sessions of a subject, as [Manager.RevokeAll] does,
// but those of some ids: after a change of password all but the one that
// changed it.
func (m *Manager) RevokeAllExcept(ctx context.Context, subject string, ids ...string) error {
	done := make(map[string]bool, len(ids))
	for _, id := range ids {
		done[id] = true
	}
	var errs []error
	var all []string // listed before any of them is deleted, so that new logins do not prolong it
	for snap, err := range m.vault.List(ctx, subject) {
		switch {
		case err != nil && snap.ID == "":
			errs = append(errs, m.tellRead(ctx, "", subject, err))
		case !done[snap.ID]: // one that cannot be read, too
			done[snap.ID] = true
			all = append(all, snap.ID)
		}
	}
	for _, id := range all {
		if err := m.revoke(ctx, id, subject); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
