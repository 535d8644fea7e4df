package walk_test

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// created judges a new record.
func (w *world) created(s *sending) {
	l := s.life
	after, ok := w.row(s.id)
	if old := w.recs[s.id]; old != nil {
		if !w.plan.without["recreate"] {
			w.fail("I1", "%s was created again", old.name)
			return
		}
		l.done, l.settled = []int{0}, []int{0}
		w.order = slices.DeleteFunc(w.order, func(r *record) bool { return r == old })
		delete(w.secrets, old.cur)
	}
	rec := &record{id: s.id, name: fmt.Sprintf("s%d", len(w.order)), version: 1, states: map[uint64]state{1: after.state},
		live: true, since: time.Now(), owner: s.a.who, touched: 1}
	w.recs[s.id], w.order = rec, append(w.order, rec)
	s.a.own++
	s.note("store: create of %s %v%s", rec.name, after.state, s.suffix())
	if l == nil || s.a.who == operator {
		w.fail("I3", "%d created %s", s.a.n, rec.name)
		return
	}
	found := append(s.explain(state{}, after.state, true, l.settled...), s.explain(state{}, after.state, false, l.settled...)...)
	from := l.rec
	if sec := w.secrets[l.brought]; from == nil && sec != nil {
		from = sec.rec
	}
	if from != nil && after.state.subject != "" {
		for _, old := range append(slices.Collect(maps.Values(from.states)), state{}) {
			more := s.explain(old, after.state, true, l.settled...)
			if len(more) == 0 {
				continue
			}
			found = append(found, more...)
			if !old.empty() {
				w.stats["fork with values"]++
			}
			if old.subject != after.state.subject && !old.empty() {
				w.stats["fork with values of another subject"]++
			}
		}
	}
	if len(found) == 0 && ok {
		w.fail("I2", "a new session has %v; the edits were %v, done %v, covered %v, on %s", after.state, l.log, l.done, s.covers, l.name())
	}
	if len(found) > 0 {
		l.done = nil
		for _, m := range found {
			l.done = append(l.done, m.to)
		}
		l.settle(l.done...)
	}
	if l.rec != nil {
		w.stats["fork"]++
		l.forked = true
	}
	if l.dropped && s.begun.After(l.droppedAt) {
		w.fail("discard", "%s was created after Discard", rec.name)
	}
	l.rec, l.epoch, l.version, l.lost, l.refused = rec, 0, 1, false, false
	w.mint(l, rec, after.verifier)
}

// deleted judges a record that was deleted.
func (w *world) deleted(s *sending, rec *record) {
	rec.live = false
	rec.touched++
	s.a.own++
	s.note("store: delete of %s%s", rec.name, s.suffix())
	switch s.call {
	case "revoke", "revokeall", "except":
		return
	case "load": // EndOnReuse
		sec := w.secrets[s.a.brought]
		switch {
		case !w.plan.opts.EndOnReuse, sec == nil, sec.rec != rec, s.a.brought == rec.cur:
			w.fail("reuse", "a request with the token %v ended %s", sec, rec.name)
		case sec.epoch != s.life.epoch:
			w.fail("reuse", "a token from before a change of privilege ended %s", rec.name)
		case rec.prev == s.a.brought && (rec.seen.IsZero() || time.Since(rec.seen) < w.grace()-slack):
			w.fail("reuse", "the token before ended %s within its grace; the current one was first brought at %v", rec.name, rec.seen.Sub(w.began))
		}
		return
	}
	for _, l := range s.a.ending {
		if l.rec != rec && l.rec != nil {
			continue
		}
		if looked, ok := s.a.looked[rec.id]; ok && looked != l.epoch {
			w.fail("I4", "a Destroy of a request that loaded %s at epoch %d ended it at epoch %d", rec.name, l.epoch, looked)
		}
		return
	}
	if l := s.life; l != nil && l.rec == rec && l.mayEnd {
		l.ended = true
		return
	}
	w.fail("I2", "%d deleted %s during %s", s.a.n, rec.name, s.call)
}

const slack = 2 * time.Millisecond

func (w *world) grace() time.Duration {
	if g := w.plan.opts.RenewGrace; g > 0 {
		return g
	}
	return 10 * time.Second
}
