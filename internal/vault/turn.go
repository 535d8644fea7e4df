package vault

import (
	"sync"
	"sync/atomic"
	"time"
)

// turns lets the writes of one process that met a conflict on a record take
// turns, so that they do not keep defeating each other at the store. A record
// without conflicts has no turn.
type turns struct {
	users atomic.Int64 // of all turns

	mu   sync.Mutex // guards all below
	byID map[string]*turn
}

// turn is the queue for one record.
type turn struct {
	token chan struct{} // holds an element while somebody has the turn
	users int           // who has it or waits for it; guarded by turns.mu
	last  Snapshot      // what the last holder has seen or written; guarded by token
}

// newer returns what the last holder left, if that is newer than a version.
func (t *turn) newer(version uint64) Snapshot {
	if t.last.Version > version {
		return t.last
	}
	return Snapshot{}
}

// busy reports whether somebody has or waits for the turn of a record.
func (ts *turns) busy(id string) bool {
	if ts.users.Load() == 0 {
		return false
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return ts.byID[id] != nil
}

func (ts *turns) join(id string) *turn {
	ts.users.Add(1)
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t := ts.byID[id]
	if t == nil {
		t = &turn{token: make(chan struct{}, 1)}
		if ts.byID == nil {
			ts.byID = map[string]*turn{}
		}
		ts.byID[id] = t
	}
	t.users++
	return t
}

func (ts *turns) quit(id string, t *turn) {
	ts.users.Add(-1)
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if t.users--; t.users == 0 {
		delete(ts.byID, id)
	}
}

// enter waits for the record's turn until some time, unless the write has it. It
// returns [ErrConflict] if the time is over first.
func (w *Write) enter(id string, until time.Time) error {
	if w.turn != nil {
		return nil
	}
	t := w.v.turns.join(id)
	select {
	case t.token <- struct{}{}:
	default:
		late := time.NewTimer(time.Until(until))
		defer late.Stop()
		select {
		case t.token <- struct{}{}:
		case <-late.C:
			w.v.turns.quit(id, t)
			return ErrConflict
		}
	}
	w.turn, w.turnID = t, id
	return nil
}

// pass leaves a snapshot to whoever has the turn next.
func (w *Write) pass(s Snapshot) Snapshot {
	if w.turn != nil && s.Version > w.turn.last.Version {
		w.turn.last = s
	}
	return s
}

// leave ends the write's turn.
func (w *Write) leave() {
	if t := w.turn; t != nil {
		w.turn = nil
		<-t.token
		w.v.turns.quit(w.turnID, t)
	}
}
