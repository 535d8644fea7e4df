package sessions

import (
	"context"
	"errors"
	"slices"
)

// Save writes what has changed now instead of when the response begins. The
// time it may take is Options.SaveTimeout; ctx gives values, and its
// cancellation does not stop a save.
//
// It returns [ErrNotFound] if the session has ended or changed its privileges
// in the meantime, [ErrConflict] if others kept changing it, [ErrUnavailable]
// if the store failed, [ErrHeadersSent] if a token would have to be sent and
// cannot, and the error of a [Key.TryUpdate] that refused the newer value.
// After ErrUnavailable the changes may have been written all the same; the next
// Save, Claim or Reload finds out first, and never makes them twice.
func (s *Session) Save(ctx context.Context) error {
	return s.commit(ctx, commitExplicit, nil)
}

// commit brings the store up to date with the session, and decides about the
// answer for the client. extra is one more edit, which counts only if all is
// saved.
func (s *Session) commit(ctx context.Context, mode commitMode, extra *edit) error {
	if s.creating(ctx) {
		return errCreating
	}
	s.commits.Lock()
	defer s.unlock(ctx)
	typed, usual := s.begun(mode)
	if !usual {
		if err := s.end(ctx); err != nil {
			return err
		}
		typed, _ = s.begun(mode)
	}
	switch mode {
	case commitDiscard:
		s.discard()
		return nil
	case commitExpired:
		lost := collect(typed) != nil || s.Modified()
		if s.discard(); lost {
			return errLate
		}
		return nil
	}
	if !usual {
		if err := s.settle(ctx, mode); err != nil {
			return err
		}
		if extra != nil && s.handOver(extra) {
			extra = nil
		}
	}
	if err := collect(typed); err != nil {
		return err
	}
	for {
		var t task
		due, err := s.decide(ctx, mode, extra, &t)
		switch {
		case errors.Is(err, errCrossSite), errors.Is(err, errOutOfPath), errors.Is(err, errTicketed):
			return s.decline(mode, err)
		case errors.Is(err, errEnded), errors.Is(err, errSuperseded):
			return s.lose(&t, mode, err)
		case err != nil || !due:
			return err
		case t.kind == taskEnd:
			return s.end(ctx)
		}
		if err = s.perform(ctx, &t, mode); !errors.Is(err, errOvertaken) {
			return err
		}
	}
}

// creating reports whether ctx is that of Options.BeforeCreate, which a commit
// of this session waits for.
func (s *Session) creating(ctx context.Context) bool {
	return s.m.opts.BeforeCreate != nil && ctx.Value(beforeCreate{}) == s
}

// quiet reports whether a commit of a session that was only read, or was saved
// before, has nothing to do. It needs s.mu.
func (s *Session) quiet(mode commitMode) bool {
	return !s.saving && s.unusual == nil && len(s.typed) == 0 && len(s.log) == 0 && !s.closed &&
		(s.answer.action != Set || s.answer.vital) && !s.upkeepDue(mode)
}

// closeIfQuiet ends the use of the session with its request, unless a commit
// has something to do.
func (s *Session) closeIfQuiet() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.quiet(commitLate) {
		return false
	}
	s.close()
	return true
}

// begun notes that a commit has begun. It returns the Typed values, and whether
// earlier commits have left nothing behind. A token that is to be sent again is
// taken back, until this commit shows that it is still the current one.
func (s *Session) begun(mode commitMode) (typed []collector, usual bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saving, s.before = true, s.life
	if mode == commitBegin && len(s.seldom().endings) == 0 && s.answer.action == Set && !s.answer.vital {
		s.answer, s.refresh = answer{}, true
	}
	return s.typed, s.unusual == nil
}

// unlock ends a commit. Its events are told afterwards, so that the observer
// may use the session.
func (s *Session) unlock(ctx context.Context) {
	var one [1]Event // the next commit writes to its room
	s.mu.Lock()
	told := s.seldom().told
	if told != nil {
		if len(told) == len(one) {
			told = append(one[:0], told...)
		}
		s.unusual.told = nil
	}
	if s.unusual != nil && s.unusual.empty() {
		s.unusual = nil // so that the next commit can be quiet
	}
	s.saving = false
	s.mu.Unlock()
	s.commits.Unlock()
	for _, e := range told {
		s.m.event(ctx, e)
	}
}

// tell notes an event for unlock, unless nobody listens.
func (s *Session) tell(kind EventKind, id, subject string, err error) {
	if !s.m.heeds(kind) {
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
	s.head = s.base.state(s.m.maxBytes)
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

// settle completes a write in doubt: it is the first thing that a later commit
// does.
func (s *Session) settle(ctx context.Context, mode commitMode) error {
	s.mu.Lock()
	d := s.seldom().doubt
	s.mu.Unlock()
	if d == nil {
		return nil
	}
	t := *d
	if t.needsClient() && t.kind != taskUpkeep && mode != commitBegin && !s.reachable() {
		return ErrHeadersSent
	}
	t.write.Resume(ctx)
	err := s.perform(ctx, &t, mode)
	if errors.Is(err, errAbsent) || errors.Is(err, errOvertaken) { // another request got what a Claim wanted
		return nil
	}
	if last := len(t.log) - 1; err == nil && last >= int(t.covered) && t.log[last].taken != nil {
		s.mu.Lock()
		s.keep().claimed = append(s.keep().claimed, t.log[last])
		s.mu.Unlock()
	}
	return err
}

// handOver gives a Claim the value that an earlier Claim of the request has
// taken without knowing it, and reports whether there is one.
func (s *Session) handOver(claim *edit) bool {
	s.mu.Lock()
	before := s.seldom().claimed
	i := slices.IndexFunc(before, func(e edit) bool { return e.key == claim.key })
	if i < 0 {
		s.mu.Unlock()
		return false
	}
	st := state{limit: s.m.maxBytes}
	st.values.Set(claim.key, *before[i].taken)
	s.unusual.claimed = slices.Delete(before, i, i+1)
	s.mu.Unlock()
	return claim.do(&st) == nil
}

// collect takes over what changed in the Data of Typed values.
func collect(typed []collector) error {
	for _, c := range typed {
		if err := c.collect(); err != nil {
			return err
		}
	}
	return nil
}

// applyIn makes a change unless Destroy was called since life was read.
func (s *Session) applyIn(life int32, e edit) error {
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
