package test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// others are the requests that a browser makes in the middle of another one.
type others struct {
	a       *app
	b       *browser
	rnd     *rand.Rand
	script  *script
	n       int // requests
	updates int // of the counter
	logins  int
	subject string // of the last login
	ended   bool
}

// request makes one, on a store that does not fail.
func (o *others) request() {
	o.n++
	fault, hook := o.a.store.Fault, o.a.store.Hook
	o.a.store.Fault, o.a.store.Hook = nil, nil
	defer func() { o.a.store.Fault, o.a.store.Hook = fault, hook }()
	act, did, subject := o.rnd.IntN(10), "nothing", fmt.Sprint("o", o.n)
	client := o.b.with(o.a, nil)
	resp := client.visit(o.a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		switch {
		case s.IsNew():
		case act < 4:
			did = "update"
			_, _ = counter.Update(s, func(n int) int { return n + 1 })
		case act < 7:
			did = "renew"
			_ = s.Renew()
		case act < 9:
			did = "login"
			_ = s.SetSubject(subject)
		default:
			did = "destroy"
			s.Destroy()
		}
	})
	o.script.add("<", did, " ", subject, " ", resp.StatusCode, ">")
	if o.b.receive(resp); resp.StatusCode != http.StatusOK {
		return
	}
	switch did {
	case "update":
		o.updates++
	case "login":
		o.logins, o.subject = o.logins+1, subject
	case "destroy":
		o.ended = true
	}
}

// TestR74_RandomRequestsOfOneBrowser makes requests of random acts, with other
// requests of the same browser between the acts and in the middle of the
// operations of the store, which fails for a while. The browser's token stays
// good, the last login counts, and no increment is lost or made twice.
func TestR74_RandomRequestsOfOneBrowser(t *testing.T) {
	for seed := range uint64(5_000) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 11))
			a, b := fresh(t, randomOptions(rnd))
			b.visit(a, both(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
				_ = counter.Set(s, 0)
			}, signIn("old")))
			<-time.After(2 * time.Millisecond)
			var happened script
			other := &others{a: a, b: b, rnd: rnd, script: &happened, subject: "old"}
			a.kinds()
			updates, subject := 0, ""
			resp := b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
				if rnd.IntN(2) == 0 {
					how := []faultstore.Fault{faultstore.Before, faultstore.After}[rnd.IntN(2)]
					happened.failFrom(a, 1+rnd.IntN(5), 1+rnd.IntN(3), how)
				}
				calls, when, again := 0, 1+rnd.IntN(6), rnd.IntN(3) == 0
				a.store.Hook = func(op, _ string) {
					if calls++; calls == when {
						happened.add("at ", op)
						if other.request(); again {
							when += 2
						}
					}
				}
				for range 1 + rnd.IntN(5) {
					switch rnd.IntN(9) {
					case 0, 1, 2:
						_, err := counter.Update(s, func(n int) int { return n + 1 })
						if happened.add("update ", err); err == nil {
							updates++
						}
					case 3, 4:
						happened.add("save ", s.Save(r.Context()))
					case 5:
						happened.add("renew ", s.Renew())
					case 6:
						if rnd.IntN(2) == 0 {
							name := fmt.Sprint("m", rnd.IntN(2))
							err := s.SetSubject(name)
							if happened.add("login ", name, " ", err); err == nil {
								subject = name
							}
						}
					case 7:
						happened.add("reload ", s.Reload(r.Context()))
					case 8:
						other.request()
					}
				}
				happened.add("respond")
			})
			a.store.Fault, a.store.Hook = nil, nil
			events := a.kinds()
			got, ok, steps := a.seen(b), resp.StatusCode == http.StatusOK, strings.Join(happened, "; ")
			gone := strings.Contains(events, "gone")
			// A login on an earlier token began a session of its own, and the
			// later cookie wins.
			another := a.kept() > 1 || other.ended && strings.Contains(events, "created")
			fault := ""
			switch {
			case strings.Contains(steps, " 503>"): // it waits for the request that it is in
			case another:
			case !got.live && !other.ended:
				fault = "the token opens nothing"
			case !got.live:
			case ok && subject != "" && !gone && got.subject != subject && other.logins == 0:
				fault = fmt.Sprintf("signed in as %q, want %q", got.subject, subject)
			case (!ok || subject == "") && other.logins > 0 && got.subject != other.subject && cookieLine(resp) == "":
				fault = fmt.Sprintf("signed in as %q, want %q of the other login", got.subject, other.subject)
			case ok && subject == "" && got.subject != other.subject:
				fault = fmt.Sprintf("signed in as %q, want %q", got.subject, other.subject)
			}
			if fault == "" && a.kept() == 1 && !another && got.live && other.logins == 0 && !other.ended && !gone {
				least, most := other.updates, other.updates+updates
				if ok {
					least = most
				}
				if got.n < least || got.n > most {
					fault = fmt.Sprintf("counter %d, want %d to %d", got.n, least, most)
				}
			}
			if fault != "" {
				t.Errorf("seed %d, status %d: %s\nevents %s: %s", seed, resp.StatusCode, fault, events, steps)
			}
		})
		if t.Failed() {
			return
		}
	}
}
