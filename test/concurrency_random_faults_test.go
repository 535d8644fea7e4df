package test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// randomOptions returns options of which any may hold in a random test.
func randomOptions(rnd *rand.Rand) sessions.Options {
	return sessions.Options{
		Expiry:     []sessions.Expiry{{}, sessions.Remember(time.Hour, 2*time.Hour)}[rnd.IntN(2)],
		RenewEvery: time.Duration(rnd.IntN(2)) * time.Millisecond,
	}
}

// script is what happened in a random test, in order.
type script []string

func (s *script) add(vs ...any) { *s = append(*s, fmt.Sprint(vs...)) }

// failFrom makes some operations of a store fail, from the first-th on, and
// notes all of them.
func (s *script) failFrom(a *app, first, many int, how faultstore.Fault) {
	n := 0
	a.store.Fault = func(_ int, op string) faultstore.Fault {
		if n++; n >= first && n < first+many {
			s.add("[", op, " ", how, "]")
			return how
		}
		s.add("[", op, "]")
		return faultstore.None
	}
}

// seen is what a token opens.
type seen struct {
	live    bool
	subject string
	n       int
}

func (a *app) seen(b *browser) (v seen) {
	b.with(a, nil).visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		if !s.IsNew() {
			n, _ := counter.Get(s)
			v = seen{true, s.Subject(), n}
		}
	})
	return v
}

// TestR79_RandomRequestsOnAFailingStore makes requests of random acts on a
// store that fails for a while. If the response is 200, everything is stored,
// and the browser's token opens it. Otherwise the token opens what was stored
// before, or what the request saved.
func TestR79_RandomRequestsOnAFailingStore(t *testing.T) {
	for seed := range uint64(5_000) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 7))
			a, b := fresh(t, randomOptions(rnd))
			var happened script
			var m seen // what the handler has made so far
			if rnd.IntN(3) > 0 {
				b.visit(a, both(count, signIn("old")))
				m = seen{true, "old", 1}
			}
			before := m
			possible, destroyed := []seen{m}, false
			resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
				first := 1 + rnd.IntN(4)
				how := faultstore.Fault(rnd.IntN(4)) // with none among them
				happened.failFrom(a, first, 1+rnd.IntN(3), how)
				for range 1 + rnd.IntN(6) {
					switch rnd.IntN(9) {
					case 0, 1:
						_, err := counter.Update(s, func(n int) int { return n + 1 })
						if happened.add("update ", err); err == nil {
							m.live, m.n = true, m.n+1
						}
					case 2, 3, 4:
						happened.add("save ", s.Save(r.Context()))
						possible = append(possible, m)
					case 5:
						happened.add("renew ", s.Renew())
					case 6:
						subject := fmt.Sprint("s", rnd.IntN(2))
						err := s.SetSubject(subject)
						if happened.add("login ", subject, " ", err); err == nil {
							m.live, m.subject = true, subject
						}
					case 7:
						if rnd.IntN(2) == 0 {
							s.Destroy()
							happened.add("destroy")
							m, destroyed = seen{}, true
							possible = append(possible, m)
						}
					case 8:
						happened.add("reload ", s.Reload(r.Context()))
						possible = append(possible, m)
					}
				}
				happened.add("respond")
				w.WriteHeader([]int{http.StatusOK, http.StatusInternalServerError}[rnd.IntN(8)/7])
			})
			a.store.Fault = nil
			got, ok := a.seen(b), resp.StatusCode == http.StatusOK
			fault := ""
			switch {
			case ok && got != m:
				fault = fmt.Sprintf("the token opens %+v, want %+v", got, m)
			case !ok && !slices.Contains(append(possible, m), got) && !destroyed:
				fault = fmt.Sprintf("the token opens %+v, want one of %+v", got, append(possible, m))
			case strings.Contains(cookieLine(resp), zeros):
				fault = "the response brings the token of no session"
			case ok && (a.kept() > 1 || !m.live && a.kept() > 0):
				fault = fmt.Sprint("records: ", a.kept())
			}
			if fault != "" {
				t.Errorf("seed %d, status %d: %s\n%+v: %s", seed, resp.StatusCode, fault, before, strings.Join(happened, "; "))
			}
		})
		if t.Failed() {
			return
		}
	}
}
