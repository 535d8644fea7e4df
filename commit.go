package sessions

import (
	"context"
	"errors"
	"time"
)

// commitMode says at which moment of a request it is saved.
type commitMode byte

const (
	commitExplicit commitMode = iota // Save, Claim: the caller gets every error
	commitBegin                      // before the response begins
	commitLate                       // at the end, after the response began
	commitDiscard                    // only what was destroyed counts
)

// commit brings the store up to date with the session, and decides about the
// cookie. extra is one more edit, which counts only if all is saved.
func (s *Session) commit(ctx context.Context, how commitMode, extra edit) error {
	s.commits.Lock()
	defer s.commits.Unlock()
	todo := s.begin(how, extra)
	if !todo.due {
		return nil
	}
	defer s.done()
	if err := s.bury(ctx, todo.doomed); err != nil {
		return err
	}
	if how == commitDiscard {
		s.reset(false, todo.epoch)
		return nil
	}
	if err := collect(todo.typed, s); err != nil {
		return err
	}
	w, err := s.work(ctx, how, extra)
	if w == nil || err != nil {
		return err
	}
	if how != commitBegin && !s.scope.cookieFits() && w.needsCookie() {
		return ErrHeadersSent
	}
	err = s.m.report(ctx, w.at, w.run())
	if errors.Is(err, ErrNotFound) {
		s.reset(true, w.epoch)
		if how != commitExplicit && !w.rotates() {
			return nil // the changes are dropped; the response does not depend on them
		}
	}
	return err
}

// todo is what a commit is to do before it saves.
type todo struct {
	due    bool // anything at all
	epoch  int
	doomed []stored
	typed  []collector
}

// begin marks a commit as under way if there is something to commit.
func (s *Session) begin(how commitMode, extra edit) todo {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.committing = extra != nil || !s.quiet(how)
	return todo{due: s.committing, epoch: s.epoch, doomed: s.doomed, typed: s.typed}
}

// done ends what begin has begun.
func (s *Session) done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.committing = false
}

// settled returns the cookie for the response if that is all there is to do,
// and nobody is at a commit that may change it.
func (s *Session) settled(how commitMode) (cookieChange, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cookie, !s.committing && s.quiet(how)
}

// quiet reports whether there is nothing to do. It needs s.mu.
func (s *Session) quiet(how commitMode) bool { return len(s.typed) == 0 && s.saved(how) }

// saved reports whether there is nothing to save, not even a touch, for all
// that is known before Typed values are collected. Before the response begins,
// the session counts as used when it was loaded. It needs s.mu.
func (s *Session) saved(how commitMode) bool {
	if s.closed || s.renew || len(s.doomed) > 0 || len(s.log) > 0 || s.unfit != nil {
		return false
	}
	if s.at.id == "" || s.untouched {
		return true
	}
	used := s.at.read
	if how != commitBegin {
		used = used.Add(time.Since(used))
	}
	_, due := s.m.touchDue(&s.at, &s.now, used, s.stale)
	return !due
}

// bury destroys what Destroy has given up. The browser is told to forget the
// cookie only if this request ended the session: if another did, it may have
// sent a newer cookie.
func (s *Session) bury(ctx context.Context, doomed []stored) error {
	for i, at := range doomed {
		a := s.m.attempt(ctx)
		ended, err := a.retire(at, nil)
		if err != nil {
			return s.m.report(ctx, at, err)
		}
		s.mu.Lock()
		s.doomed = doomed[i+1:]
		if ended {
			s.cookie = cookieChange{kind: cookieRemoved, vital: true}
		}
		s.mu.Unlock()
		s.m.event(ctx, Event{Kind: EventDestroyed, ID: at.id, Subject: at.subject})
	}
	return nil
}

// reset forgets what was not saved; over means that the record is gone and
// nothing can be saved any more.
func (s *Session) reset(over bool, epoch int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch != epoch {
		return
	}
	if over {
		s.over, s.at = true, stored{}
	}
	s.log, s.typed, s.renew, s.unfit = nil, nil, false, nil
	s.now = s.at.start()
	s.edits++
}

// collect takes over what changed in the Data of Typed values. Their encoders
// are the user's code, and run without the lock.
func collect(typed []collector, to recorder) error {
	for _, t := range typed {
		if err := t.collect(to); err != nil {
			return err
		}
	}
	return nil
}

// rebase puts the edits after the first done on a record. Edits are the user's
// code in part, and run without the lock, again if the session changed
// meanwhile. If one fails, nothing changes where all must fit; else it is left
// out, and the next commit fails. After a Destroy the record is to be
// destroyed, too.
func (s *Session) rebase(at stored, done, epoch int, all bool) error {
	for {
		s.mu.Lock()
		if s.epoch != epoch {
			if at.id != "" && !all {
				s.doomed = append(s.doomed, at)
			}
			s.mu.Unlock()
			return nil
		}
		seen, log := s.edits, s.log[done:]
		if len(log) == 0 {
			s.at, s.now, s.log, s.unfit = at, at.start(), nil, nil
			s.edits++
			s.mu.Unlock()
			return nil
		}
		s.mu.Unlock()
		st, fit, err := at.replay(log)
		if err != nil && all {
			return err
		}
		s.mu.Lock()
		if s.edits == seen && s.epoch == epoch {
			s.at, s.now, s.log, s.unfit = at, st, fit, err
			s.edits++
			s.mu.Unlock()
			return err
		}
		s.mu.Unlock()
	}
}
