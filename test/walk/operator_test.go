package walk_test

import (
	"errors"
	"slices"
	"time"

	"github.com/gosessions/sessions"
)

// operate carries out what an operator does.
func (a *actor) operate() {
	for i, o := range a.ops {
		if a.w.plan.without[o.name] || a.w.plan.without[a.place(i)] {
			continue
		}
		time.Sleep(o.pause)
		a.life = nil
		a.w.mu.Lock()
		var rec *record
		if n := len(a.w.order); n > 0 {
			rec = a.w.order[n-1-o.n%min(n, 4)]
		}
		a.w.mu.Unlock()
		switch subject := []string{"ann", "bob", "ann", "bob", "mallory"}[o.n%5]; {
		case o.name == "revokeall":
			a.revokeAll("revokeall", subject, nil)
		case o.name == "list":
			a.list(subject)
		case rec == nil:
		case o.name == "revoke":
			a.revoke(rec)
		case o.name == "except":
			a.revokeAll("except", subject, rec)
		case o.name == "find":
			a.find(rec, o)
		}
	}
}

func (a *actor) revoke(rec *record) {
	a.w.mu.Lock()
	was := a.w.alive(rec)
	a.w.mu.Unlock()
	err := a.do("revoke", 2, func() error { return a.m.Revoke(a.ctx, rec.id) })
	w := a.w
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err == nil:
		w.end(rec, "Revoke")
	case errors.Is(err, sessions.ErrNotFound):
		if was && w.alive(rec) {
			w.fail("I1", "Revoke: %v, but %s is there", err, rec.name)
		}
	case !errors.Is(err, sessions.ErrUnavailable) || a.faults == 0:
		w.fail("error", "revoke of %d: %v", a.n, err)
	}
}

// those returns the live sessions of a subject since a time.
func (w *world) those(subject string, since time.Time) (recs []*record) {
	for _, rec := range w.order {
		if rec.live && rec.since.Before(since) && rec.state().subject == subject && w.alive(rec) {
			recs = append(recs, rec)
		}
	}
	return recs
}

func (a *actor) revokeAll(name, subject string, spared *record) {
	w := a.w
	w.mu.Lock()
	began := time.Now()
	before := w.those(subject, began)
	known := len(w.order)
	w.mu.Unlock()
	err := a.do(name, len(before)+8, func() error {
		if spared != nil {
			return a.m.RevokeAllExcept(a.ctx, subject, spared.id)
		}
		return a.m.RevokeAll(a.ctx, subject)
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	a.note("RevokeAll of %d sessions; %d new ones in the meantime", len(before), len(w.order)-known)
	if err != nil {
		if !errors.Is(err, sessions.ErrUnavailable) || a.faults == 0 {
			w.fail("error", "%s of %d: %v", name, a.n, err)
		}
		for _, rec := range before {
			if rec != spared && !a.faulted[rec.id] && !a.listFailed && w.alive(rec) && rec.since.Before(began) && rec.state().subject == subject {
				w.fail("I1", "%s left %s after an error with others: %v", name, rec.name, err)
			}
		}
		return
	}
	for _, rec := range before {
		if rec == spared {
			continue
		}
		if w.alive(rec) && rec.since.Before(began) && rec.state().subject == subject {
			w.fail("I1", "%s of %q left %s", name, subject, rec.name)
		}
		if !rec.live {
			w.end(rec, name)
		}
	}
}

func (a *actor) list(subject string) {
	w := a.w
	w.mu.Lock()
	began := time.Now()
	before := w.those(subject, began)
	w.mu.Unlock()
	var listed []string
	err := a.do("list", len(before)+8, func() (err error) {
		for s, e := range a.m.List(a.ctx, subject) {
			if e != nil {
				err = e
				continue
			}
			if listed = append(listed, s.ID()); s.Subject() != subject {
				w.failLocked("list", "List of %q yields a session of %q", subject, s.Subject())
			}
		}
		return err
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		if !errors.Is(err, sessions.ErrUnavailable) || a.faults == 0 {
			w.fail("error", "list of %d: %v", a.n, err)
		}
		return
	}
	for _, rec := range before {
		if !slices.Contains(listed, rec.id) && w.alive(rec) && rec.since.Before(began) {
			w.fail("list", "List of %q does not yield %s", subject, rec.name)
		}
	}
}

// find changes a session by its id.
func (a *actor) find(rec *record, o op) {
	w := a.w
	a.life = &life{a: a, done: []int{0}, settled: []int{0}, minted: map[string]bool{}}
	w.mu.Lock()
	was := w.alive(rec)
	w.mu.Unlock()
	var s *sessions.Session
	if err := a.do("find", 0, func() (err error) { s, err = a.m.Find(a.ctx, rec.id); return err }); err != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		if errors.Is(err, sessions.ErrNotFound) && was && w.alive(rec) {
			w.fail("list", "Find: %v, but %s is there", err, rec.name)
		}
		return
	}
	a.edit(s.Set("admin", o.n), edit{kind: "set", key: "admin", n: o.n})
	_ = a.save("save", func() error { return s.Save(a.ctx) })
}
