package walk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gosessions/sessions"
)

var errRefused = errors.New("refused by the function")

const (
	loadTimeout = 2 * time.Second
	saveTimeout = 5 * time.Second
)

// do makes one call of the library that may talk to the store, and checks how
// long it takes: at most the given number of writes.
func (a *actor) do(name string, writes int, f func() error) error {
	a.w.mu.Lock()
	a.call, a.called, a.faults, a.told, a.own, a.conflicts = name, time.Now(), 0, nil, 0, 0
	a.looked, a.faulted, a.listFailed = map[string]int{}, map[string]bool{}, false
	a.before, a.touched = nil, 0
	if l := a.life; l != nil {
		if l.doubt {
			writes++
		}
		a.before = slices.Clone(l.done)
		if l.rec != nil {
			a.touched = l.rec.touched
		}
	}
	a.w.mu.Unlock()
	err := f()
	took := time.Since(a.called)
	a.w.mu.Lock()
	until := a.quiet()
	a.w.mu.Unlock()
	time.Sleep(time.Until(until))
	limit := loadTimeout + time.Duration(writes)*(saveTimeout+loadTimeout) + 10*time.Millisecond
	if name == "load" {
		limit -= loadTimeout
		if !a.w.plan.opts.EndOnReuse {
			limit = loadTimeout + time.Millisecond
		}
	}
	if writes > 0 && name != "load" {
		limit -= loadTimeout
	}
	a.w.mu.Lock()
	defer a.w.mu.Unlock()
	a.note("%s: %v", name, err)
	if err != nil {
		a.w.texts = append(a.w.texts, fmt.Sprintf("%v %+v", err, err))
	}
	if took > limit && !a.w.plan.without["fork time"] {
		a.w.fail("time", "%s of %d took %v, more than %v", name, a.n, took, limit)
	}
	a.w.stats["call "+name]++
	return err
}

// save is do for calls that save the session.
func (a *actor) save(name string, f func() error) error {
	a.w.mu.Lock()
	l := a.life
	target := len(l.log)
	if name != "discard" {
		l.covers = append(l.covers, target)
	}
	a.w.mu.Unlock()
	err := a.do(name, 1+len(a.ending), f)
	a.w.mu.Lock()
	defer a.w.mu.Unlock()
	a.destroyed = a.destroyed || slices.Contains(a.told, sessions.EventDestroyed)
	if a.judgeEnding(err) {
		a.judge(l, name, err, target)
	} else if errors.Is(err, sessions.ErrUnavailable) {
		l.doubt = true
	}
	return err
}

// judgeEnding judges the Destroys that a commit has carried out, and reports
// whether there is more to judge.
func (a *actor) judgeEnding(err error) bool {
	if err == nil {
		for _, l := range a.ending {
			if l.rec != nil {
				a.w.end(l.rec, "Destroy")
			}
		}
		a.destroyed = a.destroyed || len(a.ending) > 0
		a.ending = nil
		return true
	}
	if errors.Is(err, sessions.ErrNotFound) {
		for i, l := range a.ending {
			if l.refused || l.lost || l.rec != nil && (l.rec.epoch != l.epoch || !l.rec.live) {
				a.ending = slices.Delete(slices.Clone(a.ending), i, i+1)
				return false
			}
		}
	}
	return len(a.ending) == 0 || !errors.Is(err, sessions.ErrUnavailable)
}

// judge compares what a save returned with what it did.
func (a *actor) judge(l *life, name string, err error, target int) {
	w := a.w
	gone := slices.Contains(a.told, sessions.EventGone)
	rec := l.rec
	switch {
	case l.ended:
		if err == nil {
			w.end(rec, "its expiry")
		}
		a.destroyed = true
		a.renewLife(l)
		return
	case name == "discard":
		if err != nil && !errors.Is(err, sessions.ErrUnavailable) && !errors.Is(err, sessions.ErrNotFound) {
			w.fail("error", "discard: %v", err)
		}
		l.dropped, l.droppedAt = true, time.Now()
		return
	case err == nil:
		l.doubt = false
		switch {
		case rec == nil && a.noop(l, target):
			l.settle(append(l.done, target)...)
		case slices.Contains(l.done, target):
			l.settle(target)
		case a.noop(l, target):
			l.settle(target)
		case (gone && name != "save" || a.timeout > 0) && a.mayLose(l):
			l.settle(target)
		case l.setPast(): // an expiry of its own that has passed by now ends the session
			l.settle(target)
			l.lost = true
		case rec != nil && rec.expires() && !w.alive(rec) && w.plan.without["expired"]:
			l.settle(target)
			l.lost = true
		case rec != nil && rec.expires() && !w.alive(rec):
			w.fail("I6, at its expiry", "%s of %d returned nil, but %s has expired, and %v is not in it", name, a.n, l.name(), l.log)
			l.lost = true
		default:
			w.fail("I6", "%s of %d returned nil, but %v is not in %s; done %v of %d", name, a.n, l.log, l.name(), l.done, target)
			l.settle(target)
		}
		l.lost = l.lost || gone
		l.settled = slices.Clone(l.done)
		if l.minted[l.tok] && a.toldToken() {
			l.acked = l.tok
		}
		return
	case errors.Is(err, sessions.ErrUnavailable):
		if a.faults == 0 && a.ctx.Err() == nil && !l.doubt {
			w.fail("error", "%s of %d: %v, without a fault of the store", name, a.n, err)
		}
		l.doubt = true
		return
	case errors.Is(err, sessions.ErrNotFound):
		superseded := l.rec != nil && has(l.pending(), "subject") && l.tok != rec.cur
		if !a.mayLose(l) && !superseded {
			w.fail("renewal loses nothing", "%s of %d: %v, but %s is there at its epoch %d", name, a.n, err, l.name(), l.epoch)
		}
		a.definite(l, name, err, target)
		l.lost = l.lost || !superseded || gone
		l.settle(append(l.done, target)...)
	case errors.Is(err, sessions.ErrConflict):
		if took := time.Since(a.called); took < saveTimeout-10*time.Millisecond {
			w.fail("conflict", "%s of %d gave up after %v: %v", name, a.n, took, err)
		}
		if rec == nil || rec.touched-a.touched-a.own <= 0 {
			w.stats["conflict without others"]++
			if !w.plan.without["queue"] {
				w.fail("conflict without others", "%s of %d: %v, but nobody else changed %s in the meantime", name, a.n, err, l.name())
			}
		}
		a.definite(l, name, err, target)
	case errors.Is(err, errRefused):
		if !has(l.pending(), "try") {
			w.fail("error", "%s of %d: %v", name, a.n, err)
		}
		a.definite(l, name, err, target)
	case errors.Is(err, sessions.ErrHeadersSent):
		if !a.begun && a.who != operator || !l.needsToken() && !l.doubt && !l.lost {
			w.fail("error", "%s of %d: %v", name, a.n, err)
		}
	case errors.Is(err, context.DeadlineExceeded):
		if a.timeout == 0 {
			w.fail("error", "%s of %d: %v", name, a.n, err)
		}
		a.definite(l, name, err, target)
		l.settle(append(l.done, target)...)
	default:
		w.fail("error", "%s of %d: unexpected error %v", name, a.n, err)
	}
}

// definite judges an error that says that nothing was saved.
func (a *actor) definite(l *life, name string, err error, target int) {
	if l.rec == nil || !a.w.alive(l.rec) || len(a.before) == 0 {
		return
	}
	if target > slices.Max(a.before) && len(l.done) == 1 && l.done[0] == target {
		a.w.fail("an error means that nothing is saved", "%s of %d: %v, but %v is in %s", name, a.n, err, l.log[:target], l.name())
	}
}

// mayLose reports whether a session may have lost what its request changed.
func (a *actor) mayLose(l *life) bool {
	return l.lost || l.refused || l.rec != nil && (!a.w.alive(l.rec) || l.rec.epoch != l.epoch)
}

// noop reports whether the edits up to a target make no difference to a state
// that the session had in the meantime.
func (a *actor) noop(l *life, target int) bool {
	for _, from := range l.done {
		if from > target {
			continue
		}
		edits := l.log[from:target]
		if l.rec == nil {
			if st, ok := (state{}).apply(edits); ok && (st.empty() || l.mayEnd) {
				return true
			}
			continue
		}
		if has(edits, "subject") || has(edits, "renew") && l.tok == l.rec.cur {
			continue
		}
		for v := l.version; v <= l.rec.version; v++ {
			old := l.rec.states[v]
			if st, ok := old.apply(edits); ok && st.equal(old) {
				return true
			}
		}
	}
	return false
}

// judgeReply judges what a client is told about its token.
func (a *actor) judgeReply(r sessions.Reply, err error) {
	w, l := a.w, a.life
	w.mu.Lock()
	defer w.mu.Unlock()
	a.note("reply %v", r)
	switch r.Action() {
	case sessions.Set:
		verifier, id := w.verifier(r.Token())
		sec := w.secrets[verifier]
		if sec == nil {
			if (!l.mayEnd || strings.Trim(id, "0") == "") && !w.plan.without["zero token"] {
				w.fail("zero token", "the reply to %d brings a token of %s that no record had", a.n, w.nameOf(id))
			}
			return
		}
		if sec.text == "" {
			sec.text = r.Token()
		}
		// After an error it may be a token from before a Destroy that failed.
		if !l.minted[verifier] && verifier != a.brought && err == nil {
			w.fail("I3", "the reply to %d brings %s of %s, which it neither made nor brought", a.n, sec.name, sec.rec.name)
		}
		if a.last[id] != verifier && err == nil && !w.plan.without["touched"] {
			w.fail("late reply", "the reply to %d brings %s of %s, which was not current when it last asked the store", a.n, sec.name, sec.rec.name)
		}
		w.checkTokens(sec.rec)
		if a.who == thief {
			w.thief(r.Token())
			w.stash = append(w.stash, r.Token())
			if sec.rec.owner == thief && sec.rec.state().subject == "" {
				w.mine = append(w.mine, r.Token())
			}
		}
	case sessions.Clear:
		if !a.destroyed {
			w.fail("late reply", "the reply to %d removes the token, but the request ended nothing", a.n)
		}
	}
	if err != nil && (errors.Is(err, sessions.ErrNotFound) || l.acked == "") || l.rec == nil {
		return
	}
	// A renewal in doubt leaves the client on the token that is good either way.
	if err == nil && !l.setPast() && l.minted[l.tok] && l.acked == l.tok && a.last[l.rec.id] == l.tok {
		if v, _ := w.verifier(r.Token()); v != l.tok && v != l.rec.prev {
			w.fail("I6", "%d made a new token of %s, and the reply says %v (%v)", a.n, l.rec.name, r, err)
		}
	}
	l.owes = err == nil
}

// toldToken reports whether the library knows that it has made a token. A
// renewal that nobody asked for may fail, and be made all the same.
func (a *actor) toldToken() bool {
	return slices.Contains(a.told, sessions.EventRenewed) || slices.Contains(a.told, sessions.EventCreated)
}

// setPast reports whether the life set an expiry that is in the past by now.
func (l *life) setPast() bool {
	for i := len(l.log) - 1; i >= 0; i-- {
		if e := l.log[i]; e.kind == "expiry" {
			text, own := strings.CutPrefix(e.to.String(), "at ")
			at, err := time.Parse(time.RFC3339Nano, text)
			return own && err == nil && !time.Now().Before(at)
		}
	}
	return false
}
