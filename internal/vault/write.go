package vault

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/gosessions/sessions/internal/deadline"
	"github.com/gosessions/sessions/internal/envelope"
	"github.com/gosessions/sessions/store"
)

// State is what a record is to hold. The vault fills in the namespace of the
// Record.
type State struct {
	Record  envelope.Record
	Values  envelope.Values
	Expires int64 // Unix milliseconds
	Subject string
}

// Write is one logical write: its id, its deadline and its backoff. However
// often it is tried, it takes effect at most once. A client that goes away
// does not stop it. A Write is used by one goroutine at a time.
type Write struct {
	v     *Vault
	ctx   context.Context
	id    uint64
	began time.Time // of the last call of the store
	until time.Time

	turn    *turn  // held from the first conflict on
	turnID  string // the record that it is for
	pauses  int
	trip    time.Duration // of the last call that failed
	repeats int           // tries after one that had no answer

	uncertain bool   // a try had no answer, and may have taken or still take effect
	since     uint64 // the version that the try expected
}

// writesRemembered is the number of later writes after which a record no
// longer says whether a write took effect.
const writesRemembered = envelope.Writes

// maxRepeats is how often a write is tried again that had no answer.
const maxRepeats = 1

// Begin starts a logical write.
func (v *Vault) Begin(ctx context.Context) Write {
	now := time.Now()
	return Write{v: v, ctx: ctx, id: rand.Uint64(), began: now, until: now.Add(v.SaveTimeout)}
}

// InDoubt reports whether the write failed and may have taken effect all the
// same. [Write.Resume] makes it ready to be called again in the same way, which
// settles it.
func (w *Write) InDoubt() bool { return w.uncertain }

// Resume gives a write in doubt a new context and deadline.
func (w *Write) Resume(ctx context.Context) {
	w.ctx, w.began, w.pauses, w.repeats = ctx, time.Now(), 0, 0
	w.until = w.began.Add(w.v.SaveTimeout)
}

// Began returns when the write was begun or resumed, in Unix milliseconds.
func (w *Write) Began() int64 { return w.began.UnixMilli() }

// frame is what a write of a record keeps: the record is part of the snapshot,
// and a store may keep its context.
type frame struct {
	record envelope.Record
	ctx    deadline.Context
}

// call returns the context of one store operation, with the time that is left;
// stop it afterwards.
func (w *Write) call(c *deadline.Context) *deadline.Context {
	c.Detach(w.ctx, w.until, w.v.Hidden)
	return c
}

// encode returns the row and the snapshot of a state.
func (w *Write) encode(id string, version uint64, next *State, before *envelope.Record) (*frame, store.Record, Snapshot) {
	f := &frame{record: next.Record}
	f.record.Namespace = w.v.namespace
	data := f.record.Encode(id, &next.Values, w.id, before)
	row := store.Record{ID: id, Version: version, Expires: time.UnixMilli(next.Expires), Subject: next.Subject, Data: data}
	s := Snapshot{ID: id, Version: version + 1, Expires: next.Expires, Subject: next.Subject, Read: w.began.UnixMilli(), Record: &f.record}
	return f, row, s
}

// Create inserts a record. It returns [ErrTaken] if another session has the
// id, and [ErrUnavailable] if the store failed: [ErrMissing], if the record was
// not there afterwards. It must not be tried again with the same id, because
// the first try may still arrive, even after the session was deleted.
func (w *Write) Create(id string, next State) (Snapshot, error) {
	if w.uncertain { // resumed
		found, err := w.look(id)
		return w.created(found, err, nil)
	}
	f, row, s := w.encode(id, 0, &next, nil)
	c := w.call(&f.ctx)
	err := w.v.Store.Create(c, row)
	c.Stop()
	if err == nil {
		return s, nil
	}
	found, lookErr := w.look(id)
	if errors.Is(err, store.ErrExists) && errors.Is(lookErr, ErrNotFound) {
		return Snapshot{}, ErrTaken // by an expired record, or one of another namespace
	}
	return w.created(found, lookErr, err)
}

// created judges the record that is under the id of a new session, after a
// Create that failed.
func (w *Write) created(found Snapshot, err, failed error) (Snapshot, error) {
	w.uncertain = errors.Is(err, ErrUnavailable)
	switch {
	case err == nil && found.Record.Marked(w.id):
		return found, nil
	case w.uncertain:
		return Snapshot{}, err
	case errors.Is(err, ErrNotFound):
		if failed == nil {
			return Snapshot{}, ErrMissing
		}
		return Snapshot{}, fmt.Errorf("%w: %w", ErrMissing, failed)
	}
	return Snapshot{}, ErrTaken
}

// Replace replaces the record that base is a snapshot of. If the record has
// changed, it calls again with the newer one and replaces that; again may run
// several times. If again returns false, there is nothing left to write, and
// Replace returns the newer snapshot. An error of again ends the write.
//
// Replace returns [ErrNotFound] if the record is gone, [ErrConflict] if it kept
// changing until the time for saving was over, [ErrCorrupt], or
// [ErrUnavailable]; see [Write.InDoubt].
func (w *Write) Replace(base Snapshot, next State, again func(Snapshot) (State, bool, error)) (Snapshot, error) {
	defer w.leave()
	newer, arrived, err := w.prepare(base)
	for {
		if err != nil || arrived {
			return w.pass(newer), err
		}
		if newer.Record != nil {
			var more bool
			if next, more, err = again(newer); err != nil || !more {
				return w.pass(newer), err
			}
			base = newer
		}
		f, row, s := w.encode(base.ID, base.Version, &next, base.Record)
		c := w.call(&f.ctx)
		err = w.v.Store.Save(c, row)
		c.Stop()
		if err == nil {
			w.uncertain = false
			return w.pass(s), nil
		}
		w.trip = time.Since(w.began)
		newer, arrived, err = w.resolve(base, err)
		w.began = time.Now()
	}
}

// prepare finds out, before the first try, whether the base is outdated: if the
// write is in doubt, or if others of this process are queueing for the record.
func (w *Write) prepare(base Snapshot) (newer Snapshot, arrived bool, err error) {
	switch {
	case w.uncertain:
		return w.resolve(base, nil)
	case !w.v.turns.busy(base.ID):
		return Snapshot{}, false, nil
	}
	if err := w.enter(base.ID, w.began.Add(time.Until(w.until)/2)); err != nil {
		return Snapshot{}, false, nil // whoever has the turn may be hanging
	}
	return w.turn.newer(base.Version), false, nil
}

// resolve finds out what a try has left that failed with an error, nil if it is
// not known: the record with this write, or one to try again on.
func (w *Write) resolve(base Snapshot, failed error) (newer Snapshot, arrived bool, err error) {
	conflict := errors.Is(failed, store.ErrConflict)
	if !conflict && !w.uncertain {
		w.uncertain, w.since = true, base.Version
	}
	var late error
	if conflict {
		if late = w.enter(base.ID, w.until); late == nil {
			newer = w.turn.newer(base.Version)
		}
	}
	if newer.Record == nil || w.uncertain {
		if newer, err = w.look(base.ID); err != nil {
			if errors.Is(err, ErrNotFound) {
				w.uncertain = false // nothing takes effect on a record that is gone
			}
			if errors.Is(err, ErrUnavailable) {
				if !w.uncertain { // the conflict may be with the write itself, repeated by the driver
					w.uncertain, w.since = true, base.Version
				}
				if failed != nil {
					err = unavailable("save", failed)
				}
			}
			return Snapshot{}, false, err
		}
	}
	switch {
	case newer.Record.Marked(w.id):
		w.uncertain = false
		return newer, true, nil
	case w.uncertain && newer.Version-w.since > writesRemembered:
		w.uncertain = false // nobody will ever know
		return Snapshot{}, false, ErrForgotten
	case w.uncertain && newer.Version != w.since: // too late for the try to take effect
		w.uncertain = false
	}
	switch {
	case late != nil:
		return Snapshot{}, false, w.doubt(late)
	case conflict:
		w.pause()
		if w.Over() {
			return Snapshot{}, false, w.doubt(ErrConflict)
		}
	case failed != nil:
		if w.repeats == maxRepeats || w.Over() {
			return Snapshot{}, false, unavailable("save", failed)
		}
		w.repeats++
	}
	return newer, false, nil
}

// doubt returns the error of a write that ran out of time.
func (w *Write) doubt(err error) error {
	if w.uncertain {
		return unavailable("save", err)
	}
	return err
}

// Touch moves the expiry of the record that base is a snapshot of, later only.
// The new one is in Unix milliseconds. It is tried once. It returns [ErrConflict] if the record has changed or is
// gone, and [ErrUnavailable].
func (w *Write) Touch(base Snapshot, expires int64) error {
	c := w.call(new(deadline.Context))
	defer c.Stop()
	err := store.Touch(c, w.v.Store, base.ID, base.Version, time.UnixMilli(expires))
	switch {
	case errors.Is(err, store.ErrConflict):
		return ErrConflict
	case err != nil:
		return unavailable("touch", err)
	}
	return nil
}

// Delete removes a record, whatever it holds. When it returns nil the record is
// gone, and no write that was under way brings it back. It returns
// [ErrUnavailable] if the store failed.
func (w *Write) Delete(id string) error {
	for {
		c := w.call(new(deadline.Context))
		err := w.v.Store.Delete(c, id)
		c.Stop()
		if err == nil {
			return nil
		}
		_, lookErr := w.look(id)
		switch {
		case errors.Is(lookErr, ErrNotFound):
			return nil
		case errors.Is(lookErr, ErrUnavailable), w.repeats == maxRepeats, w.Over():
			return unavailable("delete", err)
		}
		w.repeats++
	}
}

// Look reads a record, again and again while the store fails and there is time
// left, and once in any case. Errors are those of [Vault.Find].
func (w *Write) Look(id string) (Snapshot, error) { return w.look(id) }

func (w *Write) look(id string) (Snapshot, error) {
	longest := w.v.SaveTimeout / 20 // so that hardly any of the time is given away
	for pause := min(10*time.Millisecond, longest); ; pause = min(2*pause, longest) {
		now, into := time.Now(), new(Reading)
		into.ctx.Detach(w.ctx, now.Add(w.v.LoadTimeout), w.v.Hidden)
		r, err := store.Refresh(&into.ctx, w.v.Store, id)
		var s Snapshot
		err = w.v.loaded(id, &r, err, &s, into, now)
		into.ctx.Stop()
		if !errors.Is(err, ErrUnavailable) || !time.Now().Add(pause).Before(w.until) {
			return s, err
		}
		time.Sleep(pause)
	}
}

// Over reports whether the time for saving is over.
func (w *Write) Over() bool { return !time.Now().Before(w.until) }

// pause waits before the next try after a conflict: not at all at first, then
// a random time (full jitter) that doubles from one round trip to 64.
func (w *Write) pause() {
	const shortest = 20 * time.Microsecond
	if w.pauses++; w.pauses > 1 {
		longest := max(w.trip, shortest) << min(w.pauses-2, 6)
		time.Sleep(min(rand.N(longest), time.Until(w.until)))
	}
}

// Wrote reports whether a record is what the write made of it, or what others
// made of that.
func (w *Write) Wrote(s Snapshot) bool { return s.Record.Marked(w.id) }
