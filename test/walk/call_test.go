package walk_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/gosessions/sessions"
)

// read checks that a session shows what it was loaded with and changed to.
func (a *actor) read(s *sessions.Session, key string) {
	got, ok, err := sessions.Key[int](key).Lookup(s)
	w, l := a.w, a.life
	w.mu.Lock()
	defer w.mu.Unlock()
	a.note("%s is %d, %v", key, got, ok)
	if err != nil {
		w.fail("error", "%s of %d: %v", key, a.n, err)
	}
	if l.forked || l.rec == nil || a.mayLose(l) {
		return
	}
	for _, from := range append([]int{0}, l.done...) {
		for v := l.version; v <= l.rec.version; v++ {
			if st, fits := l.rec.states[v].apply(l.log[from:]); fits {
				if n, there := st.values[key]; there == ok && n == got {
					return
				}
			}
		}
	}
	w.fail("I2", "%d reads %s=%d (%v), which %s never had", a.n, key, got, ok, l.rec.name)
}

// reload judges Reload.
func (a *actor) reload(s *sessions.Session) {
	err := a.do("reload", 1, func() error { return s.Reload(a.ctx) })
	w, l := a.w, a.life
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err == nil:
		if l.rec != nil && a.epochs[l.rec.id] != l.epoch && !l.lost {
			w.fail("I4", "Reload of %d, which loaded epoch %d of %s, reads epoch %d", a.n, l.epoch, l.rec.name, a.epochs[l.rec.id])
		}
		l.doubt = false
		if l.minted[l.tok] && a.toldToken() {
			l.acked = l.tok
		}
	case errors.Is(err, sessions.ErrUnavailable):
		if a.faults == 0 && a.ctx.Err() == nil && !l.doubt {
			w.fail("error", "reload of %d: %v", a.n, err)
		}
	case errors.Is(err, sessions.ErrNotFound):
		if !a.mayLose(l) {
			w.fail("renewal loses nothing", "reload of %d: %v, but %s is there at its epoch %d", a.n, err, l.name(), l.epoch)
		}
		l.lost = true
		l.settle(append(l.done, len(l.log))...)
	case errors.Is(err, errRefused) && has(l.log, "try"), errors.Is(err, sessions.ErrHeadersSent) && (l.doubt || l.lost), errors.Is(err, sessions.ErrConflict) && l.doubt:
	default:
		w.fail("error", "reload of %d: %v", a.n, err)
	}
}

// claim judges Claim: it carries out what is pending and takes the value.
func (a *actor) claim(s *sessions.Session, key string) {
	w, l := a.w, a.life
	w.mu.Lock()
	target := len(l.log)
	l.covers = append(l.covers, target)
	l.extras = append(l.extras, edit{kind: "claim", key: key})
	w.mu.Unlock()
	var got int
	var ok bool
	err := a.do("claim", 1+len(a.ending), func() (err error) { got, ok, err = sessions.Key[int](key).Claim(a.ctx, s); return err })
	w.mu.Lock()
	defer w.mu.Unlock()
	a.note("claim of %s: %d, %v, %v", key, got, ok, err)
	if !errors.Is(err, sessions.ErrUnavailable) && !l.doubt {
		l.extras = nil
	}
	switch {
	case len(a.ending) > 0 && err == nil && !ok && slices.Contains(a.told, sessions.EventGone) && w.plan.without["claimed destroy"]:
		a.ending = nil
	case !a.judgeEnding(err):
	case err == nil && ok:
		if l.rec == nil {
			l.log = append(l.log, edit{kind: "delete", key: key})
			l.settle(append(l.done, len(l.log))...)
			return
		}
		if l.rec.expires() && !w.alive(l.rec) && !slices.Contains(l.done, target) {
			if !w.plan.without["expired"] {
				w.fail("I6, at its expiry", "%d claimed %d of %s, which has expired, so that others may claim it as well", a.n, got, l.rec.name)
			}
			l.lost = true
			return
		}
		if l.log = append(l.log, edit{kind: "claim", key: key}); !slices.Contains(l.done, target) && a.noop(l, target+1) {
			l.settle(target + 1) // set and claimed by this request
			return
		}
		l.log = l.log[:target]
		if !slices.Contains(l.done, target) {
			w.fail("I6", "claim of %d returned nil, but %v is not in %s", a.n, l.log, l.name())
		}
		l.settle(target)
		l.doubt, l.extras = false, nil
		if l.minted[l.tok] && a.toldToken() {
			l.acked = l.tok
		}
		place := l.rec.name + " " + strconv.Itoa(got)
		if other := w.claimed[place]; other != "" {
			w.fail("claim", "%d of %s was given to %s and to %d", got, l.rec.name, other, a.n)
		}
		w.claimed[place] = fmt.Sprint(a.n)
	case err == nil:
		a.unclaimed(l, key, target)
	default:
		a.judge(l, "claim", err, target)
	}
}

// unclaimed judges a Claim that found nothing: there was a moment without the
// value, or the session has ended.
func (a *actor) unclaimed(l *life, key string, target int) {
	if slices.Contains(a.told, sessions.EventGone) || a.mayLose(l) || l.rec == nil {
		l.lost = l.lost || l.rec != nil && a.mayLose(l)
		l.settle(append(l.done, target)...)
		return
	}
	if l.ended {
		a.renewLife(l)
		return
	}
	for _, from := range l.done {
		for v := l.version; v <= l.rec.version; v++ {
			if st, fits := l.rec.states[v].apply(l.log[from:target]); fits {
				if _, there := st.values[key]; !there {
					return
				}
			}
		}
	}
	if has(l.pending(), "subject") && l.tok != l.rec.cur {
		l.settle(append(l.done, target)...)
		return
	}
	a.w.fail("claim", "%d found no %s in %s, which always had it", a.n, key, l.rec.name)
}
