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

// end deletes the records that Destroy has given up.
func (s *Session) end(ctx context.Context) error {
	s.mu.Lock()
	endings := s.seldom().endings
	s.mu.Unlock()
	for i := range endings {
		e := &endings[i]
		destroyed, err := e.carryOut(ctx, s.m.vault)
		if err == nil || errors.Is(err, ErrNotFound) {
			s.mu.Lock()
			s.keep().endings = endings[i+1:]
			switch mine := s.answer.action == Set && s.answer.tok.ID() == e.id; {
			case destroyed && (mine || s.answer.action != Set): // not in place of a newer session's token
				s.answer = answer{action: Clear, vital: true}
			case mine: // others ended it
				s.answer = answer{}
			}
			s.mu.Unlock()
		}
		if destroyed {
			s.tell(EventDestroyed, e.id, e.subject, nil)
		}
		if err != nil {
			return s.report(&base{Snapshot: vault.Snapshot{ID: e.id, Subject: e.subject}}, err)
		}
	}
	return nil
}

// elevated reports whether a record is what a login in doubt has made of it.
func (e *ending) elevated(found vault.Snapshot) bool {
	d := e.doubt
	return d != nil && d.next.token == tokenElevated && found.Record.Epoch == e.epoch+1 && d.write.Wrote(found)
}

// carryOut deletes the record, and reports whether it was there. A record
// whose privileges another request has changed is spared.
func (e *ending) carryOut(ctx context.Context, v *vault.Vault) (bool, error) {
	w := v.Begin(ctx)
	found, err := w.Look(e.id)
	switch {
	case errors.Is(err, ErrNotFound):
		if e.doubt != nil { // it may still arrive
			return false, w.Delete(e.id)
		}
		return false, nil
	case errors.Is(err, ErrUnavailable):
		return false, err
	case err == nil && found.Record.Epoch != e.epoch && !e.elevated(found):
		return false, errSuperseded
	}
	err = w.Delete(e.id)
	return err == nil, err
}
