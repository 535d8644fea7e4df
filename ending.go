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
// with 409. What is set afterwards goes into a new session. A Typed that was
// opened before is no longer saved.
func (s *Session) Destroy() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.giveUp()
	}
}

// giveUp needs s.mu.
func (s *Session) giveUp() {
	if doubt := s.seldom().doubt; s.base.standing != absent || doubt != nil {
		u := s.keep()
		u.endings = append(u.endings, s.base.ending(doubt))
		u.doubt = nil
	}
	s.base, s.head, s.log, s.covered = base{}, state{limit: s.m.opts.MaxBytes}, nil, 0
	s.typed = nil
	s.fit(nil)
	s.fresh, s.stale = true, false
	s.changes++
	s.life++
}

// ending is a record that Destroy has given up.
type ending struct {
	id      string
	epoch   uint64
	subject string
	doubt   *task // the record may also be what this write made of it
}

// ending returns what is to be deleted.
func (b *base) ending(doubt *task) ending {
	e := ending{id: b.ID, subject: b.loaded, doubt: doubt}
	switch {
	case b.live():
		e.epoch = b.Record.Epoch
	case b.standing == absent:
		e.id = doubt.id
	default: // the record, if it is there, is another login's
		e.epoch = noEpoch
	}
	return e
}

// noEpoch is the epoch of no record.
const noEpoch = 1<<64 - 1

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
			if destroyed {
				s.answer = answer{action: Clear, vital: true}
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
	case err == nil && found.Record.Epoch != e.epoch && (e.doubt == nil || !e.doubt.write.Wrote(found)):
		return false, errSuperseded
	}
	err = w.Delete(e.id)
	return err == nil, err
}

// giveUpToo adds a record that a save has made or changed while Destroy was
// called. It needs s.mu.
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
