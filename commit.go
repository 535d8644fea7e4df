package sessions

import (
	"context"
	"errors"
	"slices"

	"github.com/gosessions/sessions/internal/vault"
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
	st := state{limit: s.m.opts.MaxBytes}
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

// Reload reads the record again and makes this request's unsaved changes on
// it. It returns [ErrNotFound] if the session has ended or changed its
// privileges, and the error of a change that does not fit the newer record;
// nothing changes then. Data of a Typed stays as it is.
func (s *Session) Reload(ctx context.Context) error {
	if s.creating(ctx) {
		return errCreating
	}
	s.commits.Lock()
	defer s.unlock(ctx)
	return s.reload(ctx)
}

// reload reads the record again. It needs s.commits.
func (s *Session) reload(ctx context.Context) error {
	if err := s.settle(ctx, commitExplicit); err != nil {
		return err
	}
	s.mu.Lock()
	b, life, closed, unfit, barred := s.base, s.life, s.closed, s.seldom().unfit, s.seldom().barred
	s.mu.Unlock()
	switch {
	case closed:
		return errReturned
	case barred != nil:
		return barred
	case unfit != nil && !errors.Is(unfit, vault.ErrForgotten):
		return unfit
	case b.standing == absent:
		return nil
	case !b.live():
		return errEnded
	}
	var newer vault.Snapshot
	err := s.m.vault.Find(ctx, b.ID, &newer, new(vault.Reading))
	if err == nil && !b.moveTo(newer) {
		err = errEnded
	}
	if err != nil {
		if gone(err) {
			s.mu.Lock()
			s.answer.revoke()
			s.mu.Unlock()
		}
		return s.report(&b, err)
	}
	return s.rebase(b, 0, life, true)
}
