package sessions

import (
	"context"
	"errors"
	"time"

	"github.com/gosessions/sessions/internal/vault"
)

// commitMode says at which moment of a request its session is saved.
type commitMode byte

const (
	commitExplicit commitMode = iota // Save, Claim: the caller gets every error
	commitBegin                      // before the response begins
	commitLate                       // at the end, after the response began
	commitDiscard                    // only what was destroyed counts
)

// commit brings the store up to date with the session, and decides about the
// answer for the client. extra is one more edit, which counts only if all is
// saved.
func (s *Session) commit(ctx context.Context, mode commitMode, extra *edit) error {
	s.commits.Lock()
	defer s.unlock(ctx)
	if err := s.end(ctx); err != nil {
		return err
	}
	if mode == commitDiscard {
		s.discard()
		return nil
	}
	if err := s.settle(ctx, mode); err != nil {
		return err
	}
	if extra != nil && s.handOver(extra) {
		extra = nil
	}
	if err := s.collect(); err != nil {
		return err
	}
	var t task
	due, err := s.decide(mode, extra, &t)
	switch {
	case errors.Is(err, errEnded):
		return s.lose(&t, mode, err)
	case err != nil || !due:
		return err
	case t.kind == taskEnd:
		return s.end(ctx)
	}
	t.write = s.m.vault.Begin(ctx)
	return s.perform(&t, mode)
}

// unlock ends a commit. Its events are told afterwards, so that the observer
// may use the session.
func (s *Session) unlock(ctx context.Context) {
	told := s.told
	s.told = nil
	s.commits.Unlock()
	for _, e := range told {
		s.m.event(ctx, e)
	}
}

// tell notes an event for unlock. It needs s.commits.
func (s *Session) tell(kind EventKind, id, subject string, err error) {
	s.told = append(s.told, Event{Kind: kind, ID: id, Subject: subject, Err: err})
}

// report notes the event that an error is, if any, and returns the error.
func (s *Session) report(b *base, err error) error {
	if kind := eventOf(err); kind != "" {
		s.tell(kind, b.ID, b.Subject, err)
	}
	return err
}

// decide finds out what there is to do, all of it but the store's part.
func (s *Session) decide(mode commitMode, extra *edit, t *task) (due bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return false, errReturned
	case s.unfit != nil:
		return false, s.unfit
	case extra == nil && len(s.log) == 0 && !s.upkeepDue(mode):
		return false, nil
	}
	n := len(s.log)
	t.base, t.next, t.log, t.covered, t.life = s.base, s.head.clone(), s.log[:n:n], n, s.life
	t.passive, t.stale = s.passive, s.stale
	if extra != nil {
		t.log = append(t.log, *extra)
		if err := extra.do(&t.next); err != nil {
			return false, err
		}
	}
	switch deliverable := mode == commitBegin || s.reachable(); {
	case !t.base.live():
		if t.kind, err = t.beginning(s.m); err != nil {
			return false, err
		}
		if t.kind == taskNone {
			s.head, s.log = t.next, t.log // a claim has taken what was not saved yet
			return false, nil
		}
	case !s.m.limits.end(t.next.policy, t.next.since).After(time.Now()):
		s.giveUp()
		t.kind = taskEnd
		return true, nil
	case t.base.standing == earlier && t.next.token == tokenElevated:
		if !t.base.begins(t.next.subject) {
			return false, errSuperseded
		}
		t.fork()
	case t.base.differs(&t.next):
		t.kind = taskReplace
		t.renewIfDue(s.m, deliverable)
	default:
		s.log, s.covered = nil, 0 // the edits cancel out
		s.head = s.base.state(s.m.opts.MaxBytes)
		t.kind = s.m.upkeep(&t.base, &t.next, t.used(mode), t.stale)
		renewed := t.renewIfDue(s.m, deliverable)
		if t.log = nil; t.passive || s.untouched || t.kind == taskNone && !renewed {
			return false, nil
		}
		t.covered = 0
	}
	if t.needsClient() && mode != commitBegin && !s.reachable() {
		return false, ErrHeadersSent
	}
	s.covered = t.covered
	return true, nil
}

// upkeepDue reports whether a session without changes needs a write. It needs
// s.mu.
func (s *Session) upkeepDue(mode commitMode) bool {
	if !s.base.live() || s.passive || s.untouched {
		return false
	}
	used := s.base.Read
	if mode != commitBegin {
		used = time.Now()
	}
	return s.m.upkeep(&s.base, &s.head, used, s.stale) != taskNone ||
		mode == commitBegin && s.m.renewalDue(&s.base, &s.head, used)
}

// lose gives up what a session that has ended wanted to save. Unless the
// caller waits for the answer, the changes are dropped.
func (s *Session) lose(t *task, mode commitMode, err error) error {
	s.mu.Lock()
	if s.life == t.life {
		if s.base.live() {
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
	s.log, s.covered, s.unfit = nil, 0, nil
	s.head = s.base.state(s.m.opts.MaxBytes)
	s.changes++
}

// discard drops what was not saved.
func (s *Session) discard() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.doubt != nil {
		s.doubt.covered = 0
	}
	s.typed = nil
	s.forget()
}

// end deletes the records that Destroy has given up.
func (s *Session) end(ctx context.Context) error {
	s.mu.Lock()
	endings := s.endings
	s.mu.Unlock()
	for i := range endings {
		e := &endings[i]
		destroyed, err := e.carryOut(ctx, s.m.vault)
		if err == nil || errors.Is(err, ErrNotFound) {
			s.mu.Lock()
			s.endings = endings[i+1:]
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

// settle completes a write in doubt: it is the first thing that a later commit
// does.
func (s *Session) settle(ctx context.Context, mode commitMode) error {
	s.mu.Lock()
	d := s.doubt
	s.mu.Unlock()
	if d == nil {
		return nil
	}
	t := *d
	if t.needsClient() && mode != commitBegin && !s.reachable() {
		return ErrHeadersSent
	}
	t.write.Resume(ctx)
	err := s.perform(&t, mode)
	switch last := len(t.log) - 1; {
	case errors.Is(err, errAbsent): // another request has claimed the value; the rest is still to be saved
		return nil
	case err == nil && last >= t.covered && t.log[last].taken != nil:
		s.claimed = t.log[last]
	}
	return err
}

// handOver gives a Claim the value that an earlier Claim of the request has
// taken without knowing it, and reports whether there is one.
func (s *Session) handOver(claim *edit) bool {
	if s.claimed.taken == nil || s.claimed.key != claim.key {
		return false
	}
	st := state{limit: s.m.opts.MaxBytes}
	st.values.Set(claim.key, *s.claimed.taken)
	s.claimed = edit{}
	return claim.do(&st) == nil
}

// collect takes over what changed in the Data of Typed values.
func (s *Session) collect() error {
	s.mu.Lock()
	typed := s.typed
	s.mu.Unlock()
	for _, c := range typed {
		if err := c.collect(); err != nil {
			return err
		}
	}
	return nil
}

// applyIn makes a change unless Destroy was called since life was read.
func (s *Session) applyIn(life int, e edit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return errReturned
	case s.life != life:
		return nil
	}
	return s.edit(e)
}

// changed reports whether a save would write something, Data of a Typed
// included.
func (s *Session) changed() bool { return s.collect() != nil || s.Modified() }

// reload reads the record again. It needs s.commits.
func (s *Session) reload(ctx context.Context) error {
	if err := s.settle(ctx, commitExplicit); err != nil {
		return err
	}
	s.mu.Lock()
	b, life, closed, unfit := s.base, s.life, s.closed, s.unfit
	s.mu.Unlock()
	switch {
	case closed:
		return errReturned
	case unfit != nil:
		return unfit
	case b.standing == absent:
		return nil
	case !b.live():
		return errEnded
	}
	newer, err := s.m.vault.Find(ctx, b.ID, new(vault.Reading))
	if err == nil && !b.moveTo(newer) {
		err = errEnded
	}
	if err != nil {
		return s.report(&b, err)
	}
	return s.rebase(b, 0, life, true)
}

// moveTo makes a newer snapshot the base. It reports false if the privileges
// have changed: what the request may do with the record is over.
func (b *base) moveTo(newer vault.Snapshot) bool {
	if newer.Record.Epoch != b.Record.Epoch {
		return false
	}
	if string(newer.Record.Verifier) != string(b.Record.Verifier) {
		b.standing = earlier
	}
	b.Snapshot, b.loaded = newer, newer.Subject
	return true
}

// rebase puts the edits after the first done ones on a new base. Edits are in
// part the user's code, so they run without the lock, and again if the session
// changes in the meantime. If one fails, nothing changes if all must fit;
// otherwise it is left out, and the next commit returns its error. After a
// Destroy, the record of the base is given up as well.
func (s *Session) rebase(b base, done, life int, all bool) error {
	for {
		s.mu.Lock()
		if s.life != life {
			if !all && b.live() {
				s.giveUpToo(b.ending(nil))
			}
			s.mu.Unlock()
			return nil
		}
		seen, log := s.changes, s.log[done:]
		s.mu.Unlock()
		st := b.state(s.m.opts.MaxBytes)
		fit, err := st.replay(log)
		if err != nil && all {
			return err
		}
		s.mu.Lock()
		if s.changes == seen && s.life == life {
			s.base, s.head, s.log, s.covered, s.unfit = b, st, fit, 0, err
			s.changes++
			if b.standing != current {
				s.answer.revoke()
			}
			s.mu.Unlock()
			return err
		}
		s.mu.Unlock()
	}
}

// giveUpToo adds a record that a save has made or changed while Destroy was
// called. It needs s.mu.
func (s *Session) giveUpToo(e ending) {
	for i := range s.endings {
		if s.endings[i].id == e.id {
			s.endings[i] = e
			return
		}
	}
	s.endings = append(s.endings, e)
}
