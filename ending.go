package sessions

import (
	"context"
	"errors"

	"github.com/gosessions/sessions/internal/vault"
)

// Destroy ends the session: the record is deleted, even if the handler panics
// or answers 5xx, and the client is told to forget its token. If the store
// fails, the response is the error page. If another request has changed the
// session's privileges, it is not ended, and the response is the error page
// with 409. A token that opens nothing is taken from the client as well. What is
// set afterwards goes into a new session. A Typed that was opened before is no
// longer saved.
func (s *Session) Destroy() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if s.base.standing == absent && s.client != nil && s.client.brought() { // the client's token opens nothing
		s.answer = answer{action: Clear}
	}
	s.giveUp()
}

// giveUp needs s.mu.
func (s *Session) giveUp() {
	doubt := s.seldom().doubt
	if s.base.standing != absent {
		e := s.base.ending()
		e.doubt = doubt
		s.giveUpToo(e)
	}
	if doubt != nil {
		if doubt.kind == taskCreate {
			s.giveUpToo(doubt.ending())
		}
		s.unusual.doubt = nil
	}
	for _, e := range s.seldom().missing {
		s.giveUpToo(e)
	}
	if s.unusual != nil {
		s.unusual.missing = nil
	}
	s.base, s.head, s.log, s.covered = base{}, state{limit: s.m.maxBytes}, nil, 0
	s.typed = nil
	s.fit(nil)
	if s.unusual != nil {
		s.unusual.barred = nil
	}
	s.fresh, s.stale, s.refresh = true, false, false
	s.changes++
	s.life++
}

// ending is a record that Destroy has given up.
type ending struct {
	id      string
	epoch   uint32
	subject string
	doubt   *task // the record may also be what this write made of it
}

// noEpoch is the epoch of no record.
const noEpoch = 1<<32 - 1

// ending returns what is to be deleted of a base that is a record, or was one.
func (b *base) ending() ending {
	e := ending{id: b.ID, subject: b.loaded, epoch: noEpoch} // if it is there, it is another login's
	if b.live() && b.Record != nil {
		e.epoch = b.Record.Epoch
	}
	return e
}

// ending returns what is to be deleted of a new session that is in doubt.
func (t *task) ending() ending {
	return ending{id: t.id, subject: t.next.subject, doubt: t}
}

// giveUpToo adds a record to those that Destroy has given up. It needs s.mu.
func (s *Session) giveUpToo(e ending) {
	u := s.keep()
	for i := range u.endings {
		if u.endings[i].id == e.id {
			u.endings[i] = e
			return
		}
	}
	u.endings = append(u.endings, e)
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
