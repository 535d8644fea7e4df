package sessions

import (
	"errors"
	"time"

	"github.com/gosessions/sessions/internal/vault"
)

// keepUp writes the times of a session that was used. It is tried once, and
// the response does not depend on it.
func (s *Session) keepUp(t *task, mode commitMode) error {
	err := t.mint(s.m)
	if err == nil {
		var snap vault.Snapshot
		snap, err = t.write.Replace(t.base.Snapshot, t.state(s.m), func(newer vault.Snapshot) (vault.State, bool, error) {
			if newer.Version == t.base.Version {
				return t.state(s.m), true, nil
			}
			return vault.State{}, false, errOvertaken
		})
		if err == nil {
			kind := EventKind("")
			if t.next.token != tokenKept {
				kind = EventRenewed
			}
			s.adopt(t, snap, kind)
			return nil
		}
	}
	if t.next.token != tokenKept && t.write.InDoubt() && errors.Is(err, ErrUnavailable) {
		s.keepDoubt(t, true)
	}
	return s.giveUpTouch(t, mode, err)
}

// touch moves the expiry of a session that was used.
func (s *Session) touch(t *task, mode commitMode) error {
	expires := s.m.limits.expires(t.next.terms(), time.Now().UnixMilli())
	if err := t.write.Touch(t.base.Snapshot, expires); err != nil {
		return s.giveUpTouch(t, mode, err)
	}
	b := t.base
	b.Expires = max(b.Expires, expires) // it moves later only
	s.mu.Lock()
	if s.life == t.life {
		s.base.Expires = b.Expires
	}
	s.mu.Unlock()
	s.send(t, &b, false, t.stale || t.refresh)
	return nil
}

// giveUpTouch remembers that a touch has failed. If others have changed the
// session, it finds out whether it has ended, which is the only error.
func (s *Session) giveUpTouch(t *task, mode commitMode, err error) error {
	s.mu.Lock()
	s.untouched = true
	s.mu.Unlock()
	if errors.Is(err, errOvertaken) || errors.Is(err, ErrConflict) {
		var newer vault.Snapshot
		if newer, err = t.write.Look(t.base.ID); err == nil {
			b := t.base
			if t.sum != nil && *newer.Record.Verifier == *t.sum { // it has arrived after all
				s.adopt(t, newer, EventRenewed)
				return nil
			}
			if b.moveTo(newer) {
				_ = s.rebase(b, 0, t.life, false) // the next commit returns the error
				s.send(t, &b, false, t.refresh)
				return nil
			}
			err = errEnded
		}
	}
	if errors.Is(err, ErrNotFound) {
		t.next.token = tokenKept // nobody waits for the token
		return s.lose(t, mode, err)
	}
	_ = s.report(&t.base, err)
	return nil
}
