package walk_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/gosessions/sessions"
)

// plan is what a seed makes of a walk, before anything has run.
type plan struct {
	seed     uint64
	opts     sessions.Options
	procs    int
	browsers int
	calm     float64 // probability that a store operation does not fail
	actors   []*script
	without  map[string]bool // names of operations, faults and places that are left out
}

// script is what one request, one visit of the thief or one operator does.
type script struct {
	n       int
	who     int // a browser, or thief or operator
	proc    int
	start   time.Duration
	ops     []op
	reply   time.Duration // how long the reply is under way
	lost    bool          // the reply does not arrive
	pick    int           // which of the thief's tokens
	timeout time.Duration // of the request's context, if not 0
	leaves  bool          // the client goes away before the end
}

const (
	thief    = -1
	operator = -2
)

// op is one operation, after a pause.
type op struct {
	name  string
	pause time.Duration
	n     int // chooses among keys, subjects, ids and times
}

// weights say how often the operations of a request are chosen.
var weights = map[string]int{
	"get": 4, "set": 6, "own": 6, "delete": 2, "clear": 1, "keep": 1, "update": 8, "try": 3, "take": 2,
	"offer": 3, "claim": 4, "save": 6, "reload": 3, "renew": 5, "login": 5, "again": 2, "logout": 2,
	"destroy": 2, "passive": 1, "expiry": 1,
}

// operatorWeights say the same for an operator.
var operatorWeights = map[string]int{
	"revoke": 3, "revokeall": 4, "except": 2, "find": 4, "list": 3,
}

// names returns the keys of a table of weights, each as often as it weighs, in
// a fixed order.
func names(weights map[string]int, order string) (all []string) {
	for name := range strings.FieldsSeq(order) {
		for range weights[name] {
			all = append(all, name)
		}
	}
	return all
}

var (
	requestOps  = names(weights, "get set own delete clear keep update try take offer claim save reload renew login again logout destroy passive expiry")
	operatorOps = names(operatorWeights, "revoke revokeall except find list")
)

// one returns one of several values.
func one[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// source returns a source of randomness for one place of one walk, so that
// leaving out one place changes no other.
func source(seed uint64, place string) *rand.Rand {
	h := uint64(14695981039346656037)
	for _, c := range []byte(place) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return rand.New(rand.NewPCG(seed, h))
}

func newPlan(seed uint64, without map[string]bool) *plan {
	r := source(seed, "plan")
	p := &plan{seed: seed, without: without, procs: 2 + r.IntN(2), browsers: 1 + r.IntN(3)}
	p.calm = one(r, 1, 0.98, 0.9, 0.9, 0.75)
	p.opts = sessions.Options{
		RenewEvery:  one(r, 0, 0, time.Second, 15*time.Second),
		RenewGrace:  one(r, 0, 0, 2*time.Second),
		EndOnReuse:  r.IntN(4) == 0,
		IdleTimeout: one(r, 0, 0, 0, 0, 20*time.Second),
		Persistent:  r.IntN(4) == 0,
	}
	if r.IntN(6) == 0 {
		p.opts.Expiry = sessions.Remember(time.Minute, time.Hour)
	}
	if r.IntN(4) == 0 {
		p.opts.SigningKeys = []sessions.Secret{sessions.Secret(strings.Repeat("k", 32))}
	}
	size := one(r, 4, 8, 16, 40)
	span := one(r, 20*time.Millisecond, 200*time.Millisecond, 2*time.Second, 20*time.Second, 90*time.Second)
	steal := r.IntN(3) > 0
	for n := range size {
		a := source(seed, fmt.Sprint("actor", n))
		s := &script{n: n, proc: a.IntN(p.procs), start: time.Duration(a.Int64N(int64(span))), pick: a.IntN(1000)}
		s.lost, s.reply = a.IntN(8) == 0, p.while(a)
		switch k := a.IntN(20); {
		case k < 2:
			s.who = operator
			for i := range 1 + a.IntN(3) {
				s.ops = append(s.ops, op{operatorOps[a.IntN(len(operatorOps))], p.while(a), n*100 + i + 1000*a.IntN(1000)})
			}
		case k < 6 && steal:
			s.who = thief
			s.ops = append(s.ops, op{one(a, "steal", "steal", "plant"), p.while(a), a.IntN(1000)})
			s.request(p, a)
		case k == 6: // a client that renews or logs in again and again
			s.who = a.IntN(p.browsers)
			s.reply, s.lost = time.Microsecond*time.Duration(1+a.IntN(50)), false
			for i := range 3 + a.IntN(10) {
				s.ops = append(s.ops,
					op{one(a, "renew", "login", "login", "update"), p.while(a) / 8, n*100 + i},
					op{"commit", p.while(a) / 8, 0}, op{"next", p.while(a) / 8, 0})
			}
		default:
			s.who = a.IntN(p.browsers)
			s.request(p, a)
		}
		p.actors = append(p.actors, s)
	}
	return p
}

// while returns how long something takes: mostly a few milliseconds.
func (p *plan) while(r *rand.Rand) time.Duration {
	longest := one(r, 100*time.Microsecond, time.Millisecond, time.Millisecond, 5*time.Millisecond, 5*time.Millisecond, 50*time.Millisecond, time.Second)
	return 1 + time.Duration(r.Int64N(int64(longest)))
}

// request makes a script that of a request with random operations.
func (s *script) request(p *plan, r *rand.Rand) {
	for i := range r.IntN(7) {
		s.ops = append(s.ops, op{requestOps[r.IntN(len(requestOps))], p.while(r), s.n*100 + i + 10000*r.IntN(10)})
	}
	if r.IntN(10) == 0 {
		return // it fails: nothing is committed
	}
	s.ops = append(s.ops, op{"commit", p.while(r), 0})
	if r.IntN(5) == 0 { // a stream
		for i := range 1 + r.IntN(3) {
			s.ops = append(s.ops, op{one(r, "update", "own", "set", "save", "reload", "destroy", "claim", "get"), p.while(r), s.n*100 + 50 + i})
		}
		s.ops = append(s.ops, op{"commit", p.while(r), 0})
	}
	switch r.IntN(25) {
	case 0:
		s.timeout = p.while(r)
	case 1:
		s.leaves = true
	}
}

// place names a part of a walk that can be left out.
func (s *script) place(i int) string { return fmt.Sprintf("%d.%d", s.n, i) }
