package walk_test

import (
	"fmt"
	"slices"
	"time"
)

// sending returns what the actor sends to the store now.
func (a *actor) sending(op, id string) *sending {
	a.w.mu.Lock()
	defer a.w.mu.Unlock()
	s := &sending{a: a, life: a.life, op: op, id: id, call: a.call, begun: a.called}
	if a.life != nil {
		s.covers, s.extras = slices.Clone(a.life.covers), slices.Clone(a.life.extras)
	}
	return s
}

// effect lets an operation happen at the store, and compares what it does with
// what it may do.
func (w *world) effect(s *sending, do func() error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	rec := w.recs[s.id]
	var before row
	there := false
	if rec != nil {
		before, there = w.row(s.id)
	}
	err := do()
	w.stats[s.op]++
	if s.fault != "" {
		w.stats["fault "+s.fault]++
	}
	switch {
	case err != nil:
		s.note("store: %s of %s: %v", s.op, w.nameOf(s.id), err)
	case s.op == "save":
		w.saved(s, rec, before)
	case s.op == "create":
		w.created(s)
	case s.op == "delete" && there:
		w.deleted(s, rec)
	case s.op == "delete":
		s.note("store: delete of %s, which is not there", w.nameOf(s.id))
	case s.op == "touch":
		s.note("store: touch of %s", rec.name)
		if s.life.epoch != rec.epoch {
			w.fail("I4", "a request that loaded epoch %d touched %s at epoch %d", s.life.epoch, rec.name, rec.epoch)
		}
	}
	if rec = w.recs[s.id]; rec != nil {
		s.a.saw(s, rec)
		if err == nil && s.op != "load" && s.op != "list" {
			w.checkTokens(rec)
		}
	}
	return err
}

// saw notes what an actor has learned about a record.
func (a *actor) saw(s *sending, rec *record) {
	if s.op == "load" || s.fault == "" || s.fault == "repeat" { // it gets an answer
		if a.last[rec.id] = rec.cur; !rec.live {
			a.last[rec.id] = ""
		}
	}
	if s.op != "load" {
		return
	}
	a.epochs[rec.id] = rec.epoch
	if _, ok := a.looked[rec.id]; !ok {
		a.looked[rec.id] = rec.epoch
	}
	switch {
	case a.call == "load" && a.expected == "":
		a.expected = a.w.expect(a.brought, loadTimeout)
		a.life.refused = rec.live && a.w.secrets[a.brought].epoch != rec.epoch
		if _, ok := a.w.row(rec.id); !ok {
			break
		}
		if a.life.tok == rec.cur && rec.seen.IsZero() && a.life.tok == a.brought {
			rec.seen = time.Now()
		}
		a.life.epoch, a.life.version = rec.epoch, rec.version
		a.note("store: load of %s v%d %v, by a token that %s", rec.name, rec.version, rec.state(), a.expected)
	case a.call == "find":
		a.life.rec, a.life.epoch, a.life.version = rec, rec.epoch, rec.version
		fallthrough
	default:
		a.note("store: load of %s v%d %v", rec.name, rec.version, rec.state())
	}
}

// match is one way to explain a write: which edits it has carried out.
type match struct {
	to    int
	state state
}

// explain returns the ways in which a request can make one state of another.
func (s *sending) explain(old, next state, elevated bool, more ...int) (found []match) {
	l := s.life
	for _, from := range append(more, l.done...) {
		for _, to := range append([]int{from}, s.covers...) {
			if to < from || to > len(l.log) {
				continue
			}
			for i := range 1 + len(s.extras) {
				edits := l.log[from:to:to]
				if i > 0 {
					edits = append(edits, s.extras[i-1])
				}
				st, ok := old.apply(edits)
				if ok && next.policy == unknown {
					st.policy = unknown
				}
				if ok && st.equal(next) && has(edits, "subject") == elevated {
					found = append(found, match{to, st})
				}
			}
		}
	}
	return found
}

// saved judges a record that was replaced.
func (w *world) saved(s *sending, rec *record, before row) {
	l := s.life
	after, ok := w.row(s.id)
	if !ok { // expired at once
		after = before
		after.version++
	}
	elevated, changed := after.epoch != before.epoch, after.verifier != before.verifier
	s.note("store: save of %s v%d -> v%d %v%s%s%s", rec.name, before.version, after.version, after.state,
		map[bool]string{true: ", new token"}[changed], map[bool]string{true: ", new epoch"}[elevated], s.suffix())
	if l == nil || l.rec != rec {
		w.fail("I3", "%d saved %s, which is not its session", s.a.n, rec.name)
		return
	}
	if l.epoch != rec.epoch {
		w.fail("I4", "a request that loaded %s at epoch %d saved it at epoch %d", rec.name, l.epoch, rec.epoch)
	}
	found := s.explain(before.state, after.state, elevated)
	switch {
	case len(found) > 0:
		l.done = nil
		for _, m := range found {
			l.done = append(l.done, m.to)
		}
		l.settle(l.done...)
	case !ok: // nobody can say
		l.settle(append(slices.Clone(s.covers), l.done...)...)
	default:
		w.fail("I2", "a save made %v of %v; the edits were %v, done %v, covered %v, extra %v", after.state, before.state, l.log, l.done, s.covers, s.extras)
	}
	if l.dropped && s.begun.After(l.droppedAt) {
		w.fail("discard", "%s was saved after Discard", rec.name)
	}
	rec.version, rec.states[after.version] = after.version, after.state
	rec.touched++
	s.a.own++
	if after.state.subject != before.state.subject {
		rec.since = time.Now()
	}
	switch {
	case elevated && !changed:
		w.fail("I4", "a change of privilege of %s left its token", rec.name)
	case changed && l.tok != rec.cur:
		w.fail("only the current token buys a token", "%d has another token of %s and got a new one", s.a.n, rec.name)
	case changed && !elevated && w.plan.opts.RenewEvery == 0 && !has(l.log, "renew"):
		w.fail("renewal", "nobody asked for the renewal of %s", rec.name)
	}
	if elevated {
		rec.epoch++
		l.epoch = rec.epoch
		rec.owner = s.a.who
	}
	if rec.maker == l && rec.cur == l.tok && rec.seen.IsZero() && w.plan.without["ownuse"] {
		rec.seen = s.begun
	}
	if !changed && s.a.brought == rec.cur && rec.shown.IsZero() {
		rec.shown = time.Now()
	}
	if changed {
		switch own := rec.maker == l && l.minted[rec.cur]; {
		case elevated:
			rec.prev = ""
		case !own: // otherwise no client can have it, and the one before stays good
			rec.prev = rec.cur
		}
		w.mint(l, rec, after.verifier)
	}
}

// note adds a line to the trace. What happens late is no longer part of a call.
func (s *sending) note(format string, args ...any) {
	if s.fault != "late" {
		s.a.note(format, args...)
		return
	}
	s.a.w.trace = append(s.a.w.trace, line{time.Since(s.a.w.began), s.a.n, format, args})
}

func (s *sending) suffix() string {
	if s.fault == "" {
		return ""
	}
	return " (" + s.fault + ")"
}

// mint notes the new token of a record.
func (w *world) mint(l *life, rec *record, verifier string) {
	if old := w.secrets[verifier]; old != nil {
		w.fail("I3", "the token of %s is that of %s", rec.name, old.name)
	}
	sec := &secret{verifier: verifier, rec: rec, name: fmt.Sprintf("t%d", len(w.minted)), epoch: rec.epoch, maker: l}
	w.secrets[verifier], w.minted = sec, append(w.minted, sec)
	rec.cur, rec.seen, rec.shown, rec.maker = verifier, time.Time{}, time.Time{}, l
	l.tok, l.acked = verifier, ""
	l.minted[verifier] = true
}
