package sessions

import (
	"errors"
	"time"

	"github.com/gosessions/sessions/internal/envelope"
	"github.com/gosessions/sessions/internal/token"
	"github.com/gosessions/sessions/store"
)

// create stores a new session under a new token.
func (w *work) create() error {
	at, err := w.insert()
	if err != nil {
		return err
	}
	w.accept(at)
	w.sendCookie(&at, true)
	w.event(EventCreated, at.id, "")
	return nil
}

// insert stores what the session is now under a token that nobody chose. An
// id collides only where the random source is broken; after three more tries
// that is an error.
func (w *work) insert() (stored, error) {
	var err error
	for range 4 {
		tok, mintErr := token.Mint(time.Now())
		if mintErr != nil {
			return stored{}, unavailable("new token", mintErr)
		}
		w.verifier = tok.Verifier(w.m.opts.Namespace)
		at := w.target(stored{tok: tok, id: tok.ID()}, w.verifier[:])
		err = w.add(&at, at.record.Encode(at.id))
		at.version = 1
		if err == nil {
			return at, nil
		}
		if errors.Is(err, store.ErrExists) {
			continue
		}
		if seen, lookErr := w.look(at.id); lookErr == nil && seen.record.Marked(w.op) {
			return at, nil // only the answer was lost
		}
		break
	}
	return stored{}, unavailable("create", err)
}

// rotate stores the session under a new token and retires the old record. The
// new one comes first, so that no crash leaves the visitor without a session,
// and what the session gained is never stored under the old token. A session
// that was ended meanwhile stays ended.
func (w *work) rotate() error {
	kind := envelope.Retired
	if w.now.subject == w.at.subject && w.now.subject != "" {
		kind = envelope.Moved
	}
	next, err := w.insert()
	if err != nil {
		return err
	}
	old := w.at.id
	for {
		data, mark := w.mark(&w.at, kind, next.id)
		if err = w.write(&mark, data); err == nil {
			break
		}
		now, lookErr := w.newer(err, false)
		if lookErr != nil {
			return w.undo(next.id, lookErr)
		}
		if now.record.Marked(w.op) {
			break
		}
		if w.now, _, err = now.replay(w.log); err != nil {
			return w.undo(next.id, err)
		}
		w.at = now
		next = w.target(next, next.record.Verifier)
		if err := w.write(&next, next.record.Encode(next.id)); err != nil {
			return unavailable("save", err)
		}
		next.version++
	}
	w.accept(next)
	w.sendCookie(&next, true)
	w.event(EventRenewed, next.id, old)
	return nil
}

// undo removes the new record of a renewal that failed. Where the store's
// answer was lost the old one may be retired already: then the new one stays,
// and ends unused, for nobody has its token.
func (w *work) undo(id string, err error) error {
	if !errors.Is(err, ErrUnavailable) {
		w.until = time.Now().Add(w.m.opts.LoadTimeout) // the time for saving may be over
		_ = w.remove(id)
	}
	return err
}

// refreshCookie sends the session's cookie if it must be sent, or if its life
// in the browser is counted from the last use. The write before it has shown
// that the token is current.
func (w *work) refreshCookie(at *stored, must bool) {
	if must || w.now.policy.kind == onInactivity {
		w.sendCookie(at, false)
	}
}

// sendCookie sends the session's cookie; one with a new token is vital.
func (w *work) sendCookie(at *stored, vital bool) {
	if at.tok.IsZero() {
		return
	}
	policy := w.now.policy
	life := policy.cookieLife(&w.m.opts, policy.end(&w.m.opts, w.now.since), at.expires, time.Now())
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	if w.s.epoch != w.epoch {
		return
	}
	w.s.stale = false
	tok, before := at.tok, &w.s.cookie
	vital = vital || before.vital && before.kind == cookieSet && *before.tok == tok
	*before = cookieChange{kind: cookieSet, tok: &tok, life: life, vital: vital}
}

func (w *work) event(kind EventKind, id, oldID string) {
	w.m.event(w.ctx, Event{Kind: kind, ID: id, OldID: oldID, Subject: w.now.subject})
}
