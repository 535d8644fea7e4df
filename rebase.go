package sessions

import (
	"errors"
	"slices"
)

// advance notes that a task is done, and makes what the store now holds the
// base of the session. It reports false if edits have to be made again on it:
// if the record is not the same as the session when the task began, or if a
// later edit is more than one of its key.
func (s *Session) advance(b *base, t *task, same bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life != t.life {
		return false
	}
	s.settled()
	done := int(t.covered)
	wide := func(e edit) bool { return e.wide }
	if !same || !b.live() || slices.ContainsFunc(s.log[done:], wide) {
		return false
	}
	head := b.state(s.m.opts.MaxBytes)
	if done < len(s.log) {
		head.values = s.head.values.On(b.Record)
	}
	s.base, s.head, s.log, s.covered = *b, head, slices.Clone(s.log[done:]), 0
	s.fit(nil)
	s.changes++
	if b.standing != current {
		s.answer.revoke()
	}
	return true
}

// rebase puts the edits after the first done ones on a new base. Edits are in
// part the user's code, so they run without the lock, and what is added in the
// meantime comes on top. If one fails, nothing changes if all must fit;
// otherwise it is left out, and the next commit returns its error. After a
// Destroy, the record of the base is given up as well.
func (s *Session) rebase(b base, done, life int32, all bool) error {
	var fit []edit
	var unfit error
	st := b.state(s.m.opts.MaxBytes)
	s.mu.Lock()
	defer s.mu.Unlock()
	for next := int(done); s.life == life; {
		n := len(s.log)
		if next >= n {
			s.base, s.head, s.log, s.covered = b, st, fit, 0
			s.fit(unfit)
			s.changes++
			if b.standing != current {
				s.answer.revoke()
			}
			return unfit
		}
		batch := s.log[next:n:n]
		next, s.covered = n, int32(n) // so that they stay as they are
		again, more, err := s.replay(st, batch)
		if err != nil && all {
			s.covered = 0
			return err
		}
		st, fit, unfit = again, append(fit, more...), errors.Join(unfit, err)
	}
	if !all && b.live() {
		s.giveUpToo(b.ending())
	}
	return nil
}

// replay makes edits again without the lock, as outside does.
func (s *Session) replay(st state, log []edit) (state, []edit, error) {
	s.mu.Unlock()
	defer s.mu.Lock()
	return st.replay(log)
}
