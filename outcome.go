package sessions

import (
	"errors"
	"time"

	"github.com/gosessions/sessions/internal/vault"
)

// tell notes an event for unlock, unless nobody listens.
func (s *Session) tell(kind EventKind, id, subject string, err error) {
	if !s.m.heard(kind) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.keep()
	if u.told == nil {
		u.told = u.one[:0]
	}
	u.told = append(u.told, Event{Kind: kind, ID: id, Subject: subject, Err: err})
}

// report notes the event that an error is, if any, and returns the error.
func (s *Session) report(b *base, err error) error {
	if kind := eventOf(err); kind != "" {
		s.tell(kind, b.ID, b.Subject, err)
	}
	return err
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

// decline gives up what a request wanted to begin a session with.
func (s *Session) decline(mode commitMode, err error) error {
	s.discard()
	s.tell(EventRefused, "", "", err)
	if errors.Is(err, errOutOfPath) && !s.m.misused[outOfPath].Swap(true) {
		s.tell(EventMisused, "", "", err)
	}
	if mode == commitExplicit {
		return err
	}
	return nil
}

// lose gives up what a session that has ended wanted to save. Unless the
// caller waits for the answer, the changes are dropped.
func (s *Session) lose(t *task, mode commitMode, err error) error {
	s.mu.Lock()
	if s.life == t.life {
		if s.base.live() && !errors.Is(err, errSuperseded) {
			s.base.standing = ended
		}
		s.forget()
		s.typed = nil
		s.answer.revoke()
	}
	refusal := s.base.standing == refused
	s.mu.Unlock()
	s.tell(EventGone, t.base.ID, t.base.loaded, err)
	if mode == commitExplicit || t.needsClient() || refusal && mode == commitBegin {
		return err
	}
	return nil
}

// forget drops what was not saved. It needs s.mu.
func (s *Session) forget() {
	s.log, s.covered = nil, 0
	s.fit(nil)
	if s.unusual != nil {
		s.unusual.barred = nil
	}
	s.head = s.base.state(s.m.opts.MaxBytes)
	s.changes++
}

// discard drops what was not saved.
func (s *Session) discard() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.seldom().doubt; d != nil {
		d.covered = 0
	}
	s.typed = nil
	s.forget()
}
