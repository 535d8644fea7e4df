package sessions

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/gosessions/sessions/internal/envelope"
	"github.com/gosessions/sessions/store"
)

// work is one commit under way. It holds copies, so that no lock of the
// session is held while the store answers.
type work struct {
	attempt
	s     *Session
	at    stored // what the store is believed to hold
	now   state  // what it is to hold
	log   []edit // what makes now of at
	own   int    // how many of them are the session's
	renew bool
	stale bool
	epoch int

	goal     envelope.Record   // of target
	verifier [sha256.Size]byte // of a new token
}

// work returns what is to be done, or nil if that is nothing.
func (s *Session) work(ctx context.Context, how commitMode, extra edit) (*work, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, errReturned
	case s.unfit != nil:
		return nil, s.unfit
	case extra == nil && s.saved(how):
		return nil, nil
	}
	n := len(s.log)
	w := &work{attempt: s.m.attempt(ctx), s: s, at: s.at, now: s.now.clone(), log: s.log[:n:n], own: n}
	w.renew, w.stale, w.epoch = s.renew, s.stale, s.epoch
	if extra == nil {
		return w, nil
	}
	w.log = append(w.log, extra)
	return w, extra(&w.now)
}

// rotates reports whether the commit gives the session a new token.
func (w *work) rotates() bool { return w.renew || w.now.rotate }

func (w *work) needsCookie() bool {
	return w.at.id == "" && !w.now.empty() && !w.s.over || w.at.id != "" && w.rotates()
}

// run does the one thing that is to be done.
func (w *work) run() error {
	switch {
	case w.s.over && !w.rotates():
		if len(w.log) == 0 {
			return nil
		}
		return errRetired
	case w.at.id == "" && w.now.empty(): // nobody's session needs no record
		w.keep()
		return nil
	case w.at.id == "":
		return w.create()
	case w.emptied():
		return w.save()
	case w.rotates():
		return w.rotate()
	case w.at.differs(&w.now):
		return w.save()
	}
	w.keep() // the edits come to nothing
	return w.touch()
}

// emptied reports whether the session has lost its last value or its subject,
// and holds nothing any more.
func (w *work) emptied() bool {
	was := w.at.state()
	return w.now.empty() && !w.now.kept && !was.empty()
}

// save replaces the record if it is what the session was loaded from. If it
// is not, the session's changes are made again on what it is now.
func (w *work) save() error {
	for {
		var data []byte
		at := w.target(w.at, w.at.record.Verifier)
		if w.emptied() {
			data, at = w.mark(&w.at, envelope.Retired, "")
		} else {
			data = at.record.Encode(at.id)
		}
		err := w.write(&at, data)
		at.version++
		if err == nil {
			return w.saved(at)
		}
		newer, err := w.newer(err, true)
		if err != nil {
			return err
		}
		if newer.record.Marked(w.op) {
			return w.saved(newer)
		}
		if w.now, _, err = newer.replay(w.log); err != nil {
			return err
		}
		w.at = newer
		switch {
		case !w.at.differs(&w.now):
			w.accept(w.at)
			return nil
		case w.rotates() && !w.emptied(): // others have added values to what was to be emptied
			return w.rotate()
		}
	}
}

// target returns the record that from becomes with what the session is now. It
// is valid until the next call.
func (w *work) target(from stored, verifier []byte) stored {
	now := w.began // of the call before, where this is another try
	w.goal = envelope.Record{Verifier: verifier, Created: w.now.created, Since: w.now.since, Values: w.now.values}
	w.now.policy.store(&w.goal)
	w.goal.Mark(w.op, w.at.record)
	from.expires, from.subject, from.read, from.record = w.m.expires(&w.now, now), w.now.subject, now, &w.goal
	return from
}

// wroteBy reports whether the write left the record as it is. A mark that
// others have put upon it since is theirs.
func (at *stored) wroteBy(op uint64) bool {
	return at.record.Marked(op) && (at.record.Kind == envelope.Live || at.record.Last(op))
}

// newer finds out what a failed write has left: a record with its mark, so it
// arrived all the same, or one to try again on. It follows renewals if asked
// to; else a session that another request has renewed is gone.
func (w *work) newer(err error, follow bool) (stored, error) {
	if errors.Is(err, store.ErrConflict) {
		if err := w.pause(); err != nil {
			return stored{}, err
		}
	}
	now, lookErr := w.look(w.at.id)
	switch {
	case lookErr != nil || now.wroteBy(w.op):
	case follow:
		now, lookErr = w.m.follow(now, w.look)
	default:
		lookErr = w.m.alive(&now)
	}
	switch {
	case errors.Is(lookErr, ErrUnavailable):
		return now, unavailable("save", err)
	case lookErr != nil:
		return now, lookErr
	}
	if now.id == w.at.id {
		now.tok = w.at.tok
	}
	if now.wroteBy(w.op) {
		return now, nil
	}
	return now, w.again(err, &w.at, &now)
}

// saved takes over what the store now holds.
func (w *work) saved(at stored) error {
	if at.record.Kind != envelope.Live { // the last value is gone, and there is no subject
		w.accept(stored{})
		w.event(EventDestroyed, at.id, "")
		if err := w.remove(at.id); err != nil {
			return err
		}
		w.s.setCookie(cookieChange{kind: cookieRemoved, vital: true})
		return nil
	}
	again := w.stale || at.record.Policy != w.at.record.Policy || at.record.Param != w.at.record.Param
	w.accept(at)
	w.refreshCookie(&at, again)
	return nil
}

// keep makes what the session is now its start, for there is nothing to write.
func (w *work) keep() {
	s := w.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch != w.epoch {
		return
	}
	own := s.log[w.own:]
	s.log = nil
	for _, e := range own {
		if safely(e, &w.now) == nil { // it has been made before; a limit that it meets now leaves it out
			s.log = append(s.log, e)
		}
	}
	s.now = w.now
	s.edits++
}

// accept makes what the store holds the base of the session, with the edits
// on top that were made while it was saved.
func (w *work) accept(at stored) {
	s := w.s
	_ = s.rebase(at, w.own, w.epoch, false) // the next commit tells an edit that fits no more
	if !w.renew {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch == w.epoch {
		s.renew = false
	}
}

// touchDue returns when a session that is used at now expires, and whether that
// is worth a write: at least a tenth of the idle timeout later than it was. A
// session without an idle timeout is touched to show that its token is
// current, so that its cookie can be sealed by a newer key.
func (m *Manager) touchDue(at *stored, st *state, now time.Time, stale bool) (time.Time, bool) {
	idle := st.policy.idle(&m.opts)
	if idle > 0 && at.expires.Sub(now) > idle-idle/10 { // whatever the lifetime
		return at.expires, false
	}
	expires := m.expires(st, now)
	return expires, idle > 0 && expires.Sub(at.expires) >= idle/10 || idle <= 0 && stale
}

// touch moves the expiry of a session that was used.
func (w *work) touch() error {
	expires, due := w.m.touchDue(&w.at, &w.now, time.Now(), w.stale)
	if !due || w.s.untouched {
		return nil
	}
	c := w.call()
	defer c.Stop()
	err := store.Touch(c, w.m.store, w.at.id, w.at.version, expires)
	switch {
	case errors.Is(err, store.ErrConflict): // somebody else has used it, or ended it
		now, err := w.look(w.at.id)
		if err == nil {
			_, err = w.m.follow(now, w.look)
		}
		w.giveUpTouch()
		if errors.Is(err, ErrNotFound) {
			return errRetired
		}
		return nil
	case err != nil: // the response does not depend on it
		w.giveUpTouch()
		_ = w.m.report(w.ctx, w.at, unavailable("touch", err))
		return nil
	}
	if expires.Before(w.at.expires) {
		expires = w.at.expires // it moves later only
	}
	w.s.mu.Lock()
	if w.s.epoch == w.epoch {
		w.s.at.expires = expires
	}
	w.s.mu.Unlock()
	w.at.expires = expires
	w.refreshCookie(&w.at, w.stale)
	return nil
}

// giveUpTouch remembers that a touch has failed.
func (w *work) giveUpTouch() {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	w.s.untouched = true
}
