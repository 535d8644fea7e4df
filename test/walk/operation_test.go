package walk_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/gosessions/sessions"
)

var blind = []string{"x", "y"}

// act carries out one operation of a request.
func (a *actor) act(o op) {
	s := a.session()
	if s == nil {
		return
	}
	l := a.life
	key := blind[o.n%2]
	offer := fmt.Sprint("c", o.n%2)
	switch o.name {
	case "get":
		a.read(s, "n")
		a.read(s, key)
	case "set":
		a.edit(s.Set(key, o.n), edit{kind: "set", key: key, n: o.n})
	case "own":
		k := fmt.Sprint("k", o.n)
		a.edit(s.Set(k, 1), edit{kind: "set", key: k, n: 1})
	case "offer":
		a.edit(s.Set(offer, o.n), edit{kind: "set", key: offer, n: o.n})
	case "delete":
		s.Delete(key)
		a.edit(nil, edit{kind: "delete", key: key})
	case "clear":
		s.Clear()
		a.edit(nil, edit{kind: "clear"})
	case "keep":
		s.ClearExcept("n")
		a.edit(nil, edit{kind: "keep", key: "n"})
	case "update":
		_, err := sessions.Key[int]("n").Update(s, func(n int) int { return n + 1 })
		a.edit(err, edit{kind: "update", key: "n"})
	case "try":
		_, err := sessions.Key[int]("t").TryUpdate(s, func(n int) (int, error) {
			if n >= tryLimit {
				return 0, errRefused
			}
			return n + 1, nil
		})
		a.edit(err, edit{kind: "try", key: "t"})
	case "take":
		_, ok, err := sessions.Key[int](key).Take(s)
		if ok {
			a.edit(err, edit{kind: "delete", key: key})
		}
	case "claim":
		a.claim(s, offer)
	case "save":
		_ = a.save("save", func() error { return s.Save(a.ctx) })
	case "reload":
		a.reload(s)
	case "renew":
		had := l.rec != nil && !l.lost
		err := s.Renew()
		if had || err != nil {
			a.edit(err, edit{kind: "renew"})
		}
	case "login", "again", "logout":
		a.login(s, o)
	case "destroy":
		s.Destroy()
		a.w.mu.Lock()
		a.note("destroy of %s", l.name())
		if l.rec != nil || l.doubt || l.refused {
			a.ending = append(a.ending, l)
		}
		if l.rec == nil && !l.doubt && a.brought != "" { // which opens nothing, and goes
			a.destroyed = true
		}
		a.renewLife(l)
		a.w.mu.Unlock()
	case "passive":
		s.Passive()
	case "expiry":
		e := one(source(a.w.plan.seed, fmt.Sprint("expiry", o.n)), sessions.Expiry{}, sessions.OnSessionEnd,
			sessions.Remember(20*time.Second, time.Hour), sessions.AtTime(time.Now().Add(time.Hour)), sessions.AtTime(time.Now().Add(time.Second)))
		s.SetExpiry(e)
		l.mayEnd = l.mayEnd || e.String()[0] == 'a'
		a.edit(nil, edit{kind: "expiry", to: e})
	case "commit":
		a.commit()
	}
}

// login sets a subject. The thief knows no password but his own.
func (a *actor) login(s *sessions.Session, o op) {
	subject := []string{"ann", "bob"}[o.n%2]
	switch {
	case o.name == "logout":
		subject = ""
	case a.who == thief:
		subject = "mallory"
	case o.name == "again":
		if subject = s.Subject(); subject == "mallory" {
			subject = "ann"
		}
	}
	err := s.SetSubject(subject)
	a.edit(err, edit{kind: "subject", key: subject})
	a.w.mu.Lock()
	defer a.w.mu.Unlock()
	if err != nil && !(errors.Is(err, sessions.ErrHeadersSent) && a.begun) && !(errors.Is(err, sessions.ErrNotFound) && a.mayLose(a.life)) {
		a.w.fail("error", "SetSubject of %d: %v", a.n, err)
	}
}
