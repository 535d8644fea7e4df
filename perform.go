package sessions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gosessions/sessions/internal/token"
	"github.com/gosessions/sessions/internal/vault"
)

// perform does the task. If a write that matters may have taken effect though
// it failed, the session keeps the task in doubt.
func (s *Session) perform(ctx context.Context, t *task, mode commitMode) error {
	var err error
	switch t.kind {
	case taskCreate:
		if t.inherits {
			t.inherits, err = false, t.inherit(s.m)
		}
		if err == nil {
			err = s.create(ctx, t)
		}
	case taskTouch:
		return s.touch(t, mode)
	case taskVerify:
		return s.verify(t, mode)
	case taskUpkeep:
		return s.keepUp(t, mode)
	default:
		err = s.replace(t)
		if errors.Is(err, errFork) {
			err = s.create(ctx, t)
		}
	}
	if err == nil {
		return nil
	}
	s.keepDoubt(t, t.write.InDoubt() && errors.Is(err, ErrUnavailable))
	var refused *replayError
	switch {
	case errors.As(err, &refused):
		if mode == commitExplicit && !errors.Is(err, errAbsent) {
			s.refuse(t)
		}
		return refused.error
	case errors.Is(err, ErrRefused): // whatever else the user's error matches
	case errors.Is(err, ErrNotFound):
		return s.lose(t, mode, err)
	case errors.Is(err, vault.ErrForgotten):
		s.abandon(t, err)
	}
	return s.report(&t.base, err)
}

// abandon drops edits that may have been saved: nobody will know, and they must
// not be made twice. Until Reload, the session saves nothing else.
func (s *Session) abandon(t *task, err error) {
	b := t.base
	if !t.write.Over() {
		if newer, err := t.write.Look(b.ID); err == nil {
			b.moveTo(newer)
		}
	}
	_ = s.rebase(b, t.covered, t.life, false)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life == t.life {
		s.fit(err)
	}
}

// refuse drops the edits that do not fit the newer record: the caller knows it
// from the error, and may go on without them.
func (s *Session) refuse(t *task) {
	_ = s.rebase(t.base, 0, t.life, false)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fit(nil)
}

// verify finds out whether edits that cancel out do so on the record as it is
// now: others may have changed it long after the session was loaded. It returns
// errOvertaken if there is something to save after all.
func (s *Session) verify(t *task, mode commitMode) error {
	newer, err := t.write.Look(t.base.ID)
	b := t.base
	if err == nil && !b.moveTo(newer) {
		err = errEnded
	}
	switch {
	case gone(err):
		return s.lose(t, mode, err)
	case err != nil:
		return s.report(&t.base, err)
	case newer.Version == t.base.Version:
		return s.rebase(b, t.covered, t.life, false)
	}
	if err := s.rebase(b, 0, t.life, false); err != nil {
		s.refuse(t)
		return err
	}
	return errOvertaken
}

// keepDoubt keeps a task that failed if it is in doubt. If Destroy was called
// in the meantime, the record that the task may have made is given up as well.
func (s *Session) keepDoubt(t *task, inDoubt bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var doubt *task
	if inDoubt {
		kept := *t
		doubt = &kept
	}
	switch {
	case s.life != t.life && inDoubt && doubt.kind == taskCreate:
		s.giveUpToo(doubt.ending())
	case s.life != t.life && inDoubt:
		e := t.base.ending()
		e.doubt = doubt
		s.giveUpToo(e)
	case s.life != t.life:
	case inDoubt:
		s.keep().doubt = doubt
		if t.kind != taskCreate && t.base.skipped() && t.next.token == tokenRenewed {
			s.answer.revoke() // the client's token is good, whatever becomes of the write
		}
	default:
		s.settled()
		s.covered = 0
	}
}

// settled notes that no write is in doubt. It needs s.mu.
func (s *Session) settled() {
	if s.unusual != nil {
		s.unusual.doubt = nil
	}
}

// create stores a new session under a token that nobody chose. An id is taken
// only if the random source is broken; after three more tries that is an error.
// A record that did not arrive is tried once more, under another id.
func (s *Session) create(ctx context.Context, t *task) error {
	t.kind = taskCreate
	if before := s.m.opts.BeforeCreate; before != nil && !t.write.InDoubt() {
		if err := before(context.WithValue(ctx, beforeCreate{}, s)); err != nil {
			return fmt.Errorf("%w: %w", ErrRefused, err)
		}
	}
	missing := false
	for range 4 {
		if t.tok.IsZero() || t.id != t.tok.ID() {
			tok, err := token.Mint(time.Now())
			if err != nil {
				return fmt.Errorf("%w: new token: %w", ErrUnavailable, err)
			}
			t.tok, t.id = tok, tok.ID()
			t.sum = verifier(tok, s.m.opts.Namespace)
		}
		next := t.state(s.m)
		if next.Expires <= time.Now().UnixMilli() { // its own expiry passed while it was tried
			s.mu.Lock()
			s.giveUp()
			s.mu.Unlock()
			return nil
		}
		snap, err := t.write.Create(t.id, next)
		if errors.Is(err, vault.ErrMissing) {
			kept := *t
			s.mu.Lock()
			s.keep().missing = append(s.keep().missing, kept.ending())
			s.mu.Unlock()
		}
		if errors.Is(err, vault.ErrTaken) || errors.Is(err, vault.ErrMissing) && !missing && !t.write.Over() {
			missing = missing || errors.Is(err, vault.ErrMissing)
			t.tok = token.Token{}
			continue
		}
		if err != nil {
			return err
		}
		s.adopt(t, snap, EventCreated)
		if s.m.unswept(ctx) {
			s.tell(EventUnswept, "", "", errNoSweep)
		}
		return nil
	}
	return fmt.Errorf("%w: the id of a new session was taken each time", ErrUnavailable)
}

// replace saves the changes of a session. If another request was faster, it
// makes them again on the newer record.
func (s *Session) replace(t *task) error {
	if err := t.mint(s.m); err != nil {
		return err
	}
	snap, err := t.write.Replace(t.base.Snapshot, t.state(s.m), func(newer vault.Snapshot) (vault.State, bool, error) {
		if err := t.again(s.m, newer); err != nil {
			return vault.State{}, false, err
		}
		return t.state(s.m), t.base.differs(&t.next), nil
	})
	switch {
	case gone(err) && !errors.Is(err, errEnded) && t.next.token == tokenElevated && t.base.begins(t.next.subject):
		t.base.Snapshot = vault.Snapshot{ID: t.base.ID}
		if err := t.inherit(s.m); err != nil {
			return err
		}
		return errFork
	case err != nil:
		return err
	}
	kind := EventKind("")
	if t.next.token != tokenKept {
		kind = EventRenewed
	}
	s.adopt(t, snap, kind)
	return nil
}

// adopt makes what the store now holds the base of the session, with the edits
// on top that were made while it was saved, and decides about the answer.
func (s *Session) adopt(t *task, snap vault.Snapshot, kind EventKind) {
	b := t.base
	b.Snapshot = snap
	verifier, epoch, fresh := t.base.verifier(), t.base.epoch(), false
	if t.kind == taskCreate || t.next.token != tokenKept || t.sum != nil && *snap.Record.Verifier == *t.sum {
		b.tok, b.standing, b.minted, fresh = t.tok, current, true, true
		verifier = t.sum
		switch {
		case t.kind == taskCreate:
			epoch = 0
		case t.next.token == tokenElevated:
			epoch++
		}
	}
	switch { // others may have changed the record since the write took effect
	case snap.Record.Epoch != epoch:
		b.standing, b.loaded = ended, t.next.subject
	case *snap.Record.Verifier != *verifier:
		b.standing, b.loaded = earlier, snap.Subject
	default:
		b.loaded = snap.Subject
	}
	again := t.stale || t.kind == taskReplace && snap.Record.Policy != t.base.Record.Policy
	expected := t.base.Version + 1
	if t.kind == taskCreate {
		expected = 1
	}
	same := !t.replayed && len(t.log) == int(t.covered) && snap.Version == expected
	if !s.advance(&b, t, same) {
		_ = s.rebase(b, t.covered, t.life, false) // the next commit returns the error
	}
	s.send(t, &b, fresh, again)
	if kind != "" {
		s.tell(kind, b.ID, b.Subject, nil)
	}
}

// send decides whether the response brings the session's token: if it is new,
// if something about the cookie has changed, or if its life in the browser
// counts from the last use. The write before it has shown that the token is
// current.
func (s *Session) send(t *task, b *base, fresh, again bool) {
	policy := expiryOf(b.Record.Policy)
	if b.standing != current || b.tok.IsZero() || !fresh && !again && s.m.limits.of(policy).kind != remember {
		return
	}
	age := s.m.limits.cookieAge(terms{policy, b.Record.Since, b.Subject == ""}, b.Expires, time.Now().UnixMilli())
	tok := b.tok
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life != t.life {
		return
	}
	s.stale, s.refresh = false, false
	if taken := s.seldom().taken; taken != nil && *taken == tok {
		return
	}
	vital := fresh || s.answer.action == Set && s.answer.vital && *s.answer.tok == tok
	s.answer = answer{action: Set, age: int32((age + time.Second - 1) / time.Second), vital: vital, tok: &tok}
}

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

var errOvertaken = errors.New("sessions: another request has changed the session")

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
