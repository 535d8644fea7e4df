package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/front"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

const register = sessions.Key[int]("register")

// op is one request: "inc", "set" to value, "delete", or "read" of value.
type op struct {
	kind  string
	value int
}

// model is one counter. What an increment returns inside its handler is
// outdated by then, so it has no output.
var model = porcupine.Model{
	Init: func() any { return 0 },
	Step: func(state, input, output any) (bool, any) {
		switch in := input.(op); in.kind {
		case "inc":
			return true, state.(int) + 1
		case "set":
			return true, in.value
		case "delete":
			return true, 0
		}
		return output == state, state
	},
}

// deaf is a store whose Save does not compare versions.
type deaf struct{ *memstore.Store }

func (s deaf) Save(ctx context.Context, r store.Record) error {
	now, err := s.Load(ctx, r.ID)
	if err != nil {
		return store.ErrConflict
	}
	r.Version = now.Version
	return s.Store.Save(ctx, r)
}

// yielding lets other goroutines run before each operation.
type yielding struct {
	store.Store
	mu  sync.Mutex
	rnd *rand.Rand
}

func (s *yielding) yield() {
	s.mu.Lock()
	n := s.rnd.IntN(8)
	s.mu.Unlock()
	for range n {
		runtime.Gosched()
	}
}

func (s *yielding) Load(ctx context.Context, id string) (store.Record, error) {
	s.yield()
	return s.Store.Load(ctx, id)
}

func (s *yielding) Save(ctx context.Context, r store.Record) error {
	s.yield()
	return s.Store.Save(ctx, r)
}

// history sends random requests of one session in parallel and returns what
// happened when.
func history(t *testing.T, st store.Store, seed uint64, over func(*sessions.Manager, http.Handler) http.Handler) []porcupine.Operation {
	const clients, each = 6, 8
	rnd := rand.New(rand.NewPCG(seed, 42))
	m, err := sessions.New(&yielding{Store: st, rnd: rnd}, sessions.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := over(m, sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		n, _ := strconv.Atoi(r.URL.Query().Get("value"))
		var err error
		switch r.URL.Query().Get("kind") {
		case "inc":
			_, err = register.Update(s, func(n int) int { return n + 1 })
		case "set":
			err = register.Set(s, n)
		case "delete":
			register.Delete(s)
		case "start": // with a key that keeps the session when the register is deleted
			err = s.Set("other", 1)
		default:
			n, err = register.Get(s)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = fmt.Fprint(w, n)
	}))
	var cookie *http.Cookie
	request := func(o op) int {
		r := httptest.NewRequest("GET", fmt.Sprintf("/?kind=%s&value=%d", o.kind, o.value), nil)
		if cookie != nil {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Errorf("seed %d: %s: %d %s", seed, o.kind, w.Code, w.Body)
		}
		if cookie == nil {
			cookie = w.Result().Cookies()[0]
		}
		n, _ := strconv.Atoi(w.Body.String())
		return n
	}
	request(op{kind: "start"})

	plans := make([][]op, clients)
	for i := range plans {
		for range each {
			kind := []string{"inc", "inc", "read", "read", "set", "delete"}[rnd.IntN(6)]
			plans[i] = append(plans[i], op{kind, rnd.IntN(1000)})
		}
	}
	var mu sync.Mutex
	var ops []porcupine.Operation
	var wg sync.WaitGroup
	began := time.Now()
	for client, plan := range plans {
		wg.Go(func() {
			for _, o := range plan {
				call := time.Since(began).Nanoseconds()
				out := request(o)
				done := time.Since(began).Nanoseconds()
				mu.Lock()
				ops = append(ops, porcupine.Operation{ClientId: client, Input: o, Call: call, Output: out, Return: done})
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return ops
}

func TestR42_RequestsOfOneSessionAreLinearizable(t *testing.T) {
	for name, over := range fronts {
		for seed := range uint64(60) {
			if !porcupine.CheckOperations(model, history(t, new(memstore.Store), seed, over)) {
				t.Fatalf("%s, seed %d: no order explains the history", name, seed)
			}
		}
	}
}

// fronts are the ways to serve requests with sessions.
var fronts = map[string]func(*sessions.Manager, http.Handler) http.Handler{
	"Handler":  (*sessions.Manager).Handler,
	"Exchange": front.Exchange,
}

func TestTheModelNoticesAStoreThatDoesNotCompare(t *testing.T) {
	for seed := range uint64(200) {
		if !porcupine.CheckOperations(model, history(t, deaf{new(memstore.Store)}, seed, front.Exchange)) {
			return
		}
	}
	t.Error("a store that loses updates passes for linearizable")
}
