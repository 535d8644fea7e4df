package sessions

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/gosessions/sessions/internal/deadline"
	"github.com/gosessions/sessions/internal/envelope"
	"github.com/gosessions/sessions/store"
)

// attempt is one logical write: however often it is tried, it carries one
// mark, so that a try whose answer was lost is recognised in the record.
type attempt struct {
	m      *Manager
	ctx    context.Context
	until  time.Time
	op     uint64
	began  time.Time     // the last call
	trip   time.Duration // of the last write that failed
	pauses int
	lost   int

	first deadline.Context // of the first call
	calls int
}

func (m *Manager) attempt(ctx context.Context) attempt {
	now := time.Now()
	return attempt{m: m, ctx: ctx, until: now.Add(m.opts.SaveTimeout), op: rand.Uint64(), began: now}
}

// call returns the context of one store operation, with the time that is
// left; stop it afterwards. A client that goes away does not end it.
func (a *attempt) call() *deadline.Context {
	c := &a.first
	if a.calls++; a.calls > 1 { // a store may hold on to its context
		c, a.began = new(deadline.Context), time.Now()
	}
	c.Detach(a.ctx, a.until, isScope)
	return c
}

// add creates a record.
func (a *attempt) add(at *stored, data []byte) error {
	c := a.call()
	defer c.Stop()
	return a.m.store.Create(c, at.row(data))
}

// write saves a record under the version that at was seen to have.
func (a *attempt) write(at *stored, data []byte) error {
	c := a.call()
	defer c.Stop()
	err := a.m.store.Save(c, at.row(data))
	if err != nil {
		a.trip = time.Since(a.began)
	}
	return err
}

func (a *attempt) remove(id string) error {
	c := a.call()
	defer c.Stop()
	if err := a.m.store.Delete(c, id); err != nil {
		return unavailable("delete", err)
	}
	return nil
}

// pause waits before the next try after a conflict: not at all at first, then
// a random time (full jitter) that doubles from one round trip to 64. It
// returns ErrConflict when the time for saving is over.
func (a *attempt) pause() error {
	const shortest = 20 * time.Microsecond
	if a.pauses++; a.pauses > 1 {
		most := max(a.trip, shortest) << min(a.pauses-2, 6)
		c, stop := context.WithTimeout(context.WithoutCancel(a.ctx), min(rand.N(most), time.Until(a.until)))
		<-c.Done()
		stop()
	}
	if !time.Now().Before(a.until) {
		return ErrConflict
	}
	return nil
}

// again decides about a write that failed and left no mark. It returns nil if
// the write is to be tried again on what the record is now.
func (a *attempt) again(err error, before, now *stored) error {
	switch {
	case errors.Is(err, store.ErrConflict):
		return nil
	case a.lost == maxLost, now.id != before.id, now.version-before.version > envelope.Marks:
		return unavailable("save", err)
	}
	a.lost++
	return nil
}

// maxLost is how often a write is tried again whose answer was lost.
const maxLost = 1

// mark returns what a session leaves under its id when it is renewed or
// destroyed. It answers no token, except that Destroy follows a renewal.
func (a *attempt) mark(at *stored, kind envelope.Kind, successor string) ([]byte, stored) {
	now := time.Now()
	m := stored{id: at.id, version: at.version, expires: now.Add(grace)}
	m.record = &envelope.Record{
		Kind: kind, Successor: successor,
		Created: at.record.Created, Since: now.UnixMilli(),
	}
	if kind == envelope.Moved { // whose token can still log out, and whose subject can be revoked
		m.subject, m.record.Verifier = at.subject, at.record.Verifier
	}
	m.record.Mark(a.op, at.record)
	return m.record.Encode(m.id), m
}

// retire ends a session wherever renewals have taken it: its record is
// replaced by a mark, in one step that any write under way notices, and then
// deleted. It reports whether this call ended it. A session that is spared is
// left alone, though what it was before a renewal leads to it.
func (a *attempt) retire(at stored, spared []string) (bool, error) {
	for hops := 0; hops <= maxHops; {
		if at.record.Kind != envelope.Live {
			if at.record.Successor == "" {
				return false, nil
			}
			next, err := a.look(at.record.Successor)
			switch {
			case errors.Is(err, ErrNotFound):
				return false, nil
			case err != nil:
				return false, err
			}
			at = next
			hops++
			continue
		}
		if slices.Contains(spared, at.id) {
			return false, nil
		}
		data, mark := a.mark(&at, envelope.Retired, "")
		err := a.write(&mark, data)
		if err == nil {
			return true, a.remove(at.id)
		}
		now, lookErr := a.look(at.id)
		switch {
		case errors.Is(lookErr, ErrNotFound):
			return false, nil
		case errors.Is(lookErr, ErrCorrupt), lookErr == nil && now.record.Marked(a.op):
			return true, a.remove(at.id)
		case lookErr != nil:
			return false, unavailable("save", err)
		}
		if err := a.again(err, &at, &now); err != nil {
			return false, err
		}
		if err := a.pause(); err != nil {
			return false, err
		}
		at = now
	}
	return false, ErrConflict
}

// look reads a record, live or retired, whether or not there is time left.
func (a *attempt) look(id string) (at stored, err error) {
	now, into := time.Now(), new(reading)
	into.ctx.Detach(a.ctx, now.Add(a.m.opts.LoadTimeout), isScope)
	err = a.m.fetch(id, into, now, &at)
	return at, err
}

// row returns the record as a store takes it.
func (at *stored) row(data []byte) store.Record {
	return store.Record{ID: at.id, Version: at.version, Expires: at.expires, Subject: at.subject, Data: data}
}
