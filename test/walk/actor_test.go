package walk_test

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"time"

	"github.com/gosessions/sessions"
)

// actor is a script that runs.
type actor struct {
	*script
	w *world
	m *sessions.Manager
	p *process // its store

	ctx     context.Context
	x       *sessions.Exchange
	below   context.Context // of the exchange
	s       *sessions.Session
	cancel  context.CancelFunc
	brought string // verifier of the token of the request
	begun   bool   // the first Commit was called

	life      *life
	ending    []*life // Destroy was called, and not acknowledged
	destroyed bool    // an ending was acknowledged in this request
	expected  string  // what the token must do
	last      map[string]string
	looked    map[string]int // epochs at the first look of this call
	epochs    map[string]int // at the last look

	call       string
	called     time.Time
	faults     int             // of the store in this call
	faulted    map[string]bool // the ids in these operations
	listFailed bool
	before     []int
	touched    int
	own        int
	told       []sessions.EventKind

	storeOps, conflicts     int
	lastConflict, notBefore time.Time
	longest                 time.Duration // pause after a conflict
}

func (a *actor) run() {
	defer func() {
		if p := recover(); p != nil {
			a.w.failLocked("panic", "%v\n%s", p, debug.Stack())
		}
	}()
	time.Sleep(a.start)
	a.ctx = context.WithValue(background, actorKey{}, a)
	if a.who == operator {
		a.operate()
		return
	}
	open := false
	for i, o := range a.ops {
		if a.w.plan.without[o.name] || a.w.plan.without[a.place(i)] {
			continue
		}
		time.Sleep(o.pause)
		switch {
		case o.name == "steal" || o.name == "plant":
			a.steal(o)
			continue
		case o.name == "next":
			if open {
				a.finish()
			}
			open = false
			time.Sleep(a.reply + 1)
			continue
		case !open:
			a.begin()
			open = true
		}
		a.act(o)
	}
	if open {
		a.finish()
	}
}

// begin starts a request with the token that the client has.
func (a *actor) begin() {
	w := a.w
	w.mu.Lock()
	text := ""
	switch {
	case a.who != thief:
		text = w.jars[a.who]
	case len(w.stash) > 0:
		text = w.stash[a.pick%len(w.stash)]
	}
	a.ctx = context.WithValue(background, actorKey{}, a)
	if a.timeout > 0 {
		a.ctx, a.cancel = context.WithTimeout(a.ctx, a.timeout)
	} else {
		a.ctx, a.cancel = context.WithCancel(a.ctx)
	}
	a.brought, _ = w.verifier(text)
	a.life = &life{a: a, done: []int{0}, settled: []int{0}, minted: map[string]bool{}, tok: a.brought, brought: a.brought}
	a.s, a.ending, a.destroyed, a.begun, a.expected = nil, nil, false, false, ""
	name := "no token"
	if sec := w.secrets[a.brought]; sec != nil {
		name = sec.name + " of " + sec.rec.name
	}
	a.note("begins with %s", name)
	w.mu.Unlock()
	a.below, a.x = a.m.Begin(a.ctx, text)
}

// session loads the session, once.
func (a *actor) session() *sessions.Session {
	if a.s != nil {
		return a.s
	}
	err := a.do("load", 1, func() (err error) { a.s, err = a.m.Load(a.below); return err })
	w, l := a.w, a.life
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		if !errors.Is(err, sessions.ErrUnavailable) || a.faults == 0 && a.ctx.Err() == nil {
			w.fail("error", "load of %d: %v", a.n, err)
		}
		a.s = nil
		return nil
	}
	id := a.s.ID()
	sec := w.secrets[a.brought]
	switch {
	case id == "":
		if a.expected == mustOpen {
			w.fail("a token of the session does not open it", "%d got a new session, but %s of %s %s", a.n, sec.name, sec.rec.name, a.expected)
		}
		l.tok = ""
	case a.expected == neverOpen || sec == nil || sec.rec.id != id:
		w.fail("I4", "%d got %s, but its token %s", a.n, w.nameOf(id), a.expected)
	}
	if id != "" {
		l.rec = w.recs[id]
	}
	return a.s
}

// finish ends a request.
func (a *actor) finish() {
	if a.leaves {
		a.cancel()
	}
	_ = a.save("discard", func() error {
		_, err := a.x.Discard()
		return err
	})
	a.cancel()
}

// renewLife makes what follows a new session.
func (a *actor) renewLife(old *life) {
	old.over = true
	a.life = &life{a: a, done: []int{0}, settled: []int{0}, minted: map[string]bool{}}
}

// edit adds a change to what the next save must carry out.
func (a *actor) edit(err error, e edit) {
	a.w.mu.Lock()
	defer a.w.mu.Unlock()
	a.note("%v: %v", e, err)
	if err == nil {
		a.life.log = append(a.life.log, e)
	}
}

// commit is the moment before the response begins, or after it.
func (a *actor) commit() {
	if a.leaves {
		a.cancel()
	}
	if a.session() == nil {
		return
	}
	first := !a.begun
	a.begun = true
	var r sessions.Reply
	err := a.save("commit", func() (err error) { r, err = a.x.Commit(a.ctx); return err })
	if first {
		a.judgeReply(r, err)
		a.deliver(r)
	}
}

// deliver brings a reply to its client.
func (a *actor) deliver(r sessions.Reply) {
	if r.Action() == sessions.Keep || a.lost || a.who == thief || a.w.plan.without["replies"] {
		return
	}
	text := r.Token()
	who := a.who
	a.w.late.Go(func() {
		time.Sleep(a.reply)
		a.w.mu.Lock()
		defer a.w.mu.Unlock()
		a.w.jars[who] = text
		name := "nothing"
		v, _ := a.w.verifier(text)
		if sec := a.w.secrets[v]; sec != nil {
			name = sec.name
		}
		a.note("the reply arrives: jar %d holds %s", who, name)
	})
}

// steal copies a token, or plants one.
func (a *actor) steal(o op) {
	w := a.w
	w.mu.Lock()
	defer w.mu.Unlock()
	jar := o.n % len(w.jars)
	if o.name == "plant" {
		if len(w.mine) == 0 {
			return
		}
		w.jars[jar] = w.mine[o.n/7%len(w.mine)]
		a.note("plants a token of his in jar %d", jar)
		return
	}
	if text := w.jars[jar]; text != "" && !slices.Contains(w.stash, text) {
		if v, _ := w.verifier(text); w.secrets[v] != nil {
			a.note("steals %s from jar %d", w.secrets[v].name, jar)
			w.stash = append(w.stash, text)
		}
	}
}
