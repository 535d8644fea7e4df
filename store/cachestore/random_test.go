package cachestore_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/cachestore"
)

// slow is a store whose calls and answers take their time.
type slow struct {
	store.Store
	lag func()
}

func (s slow) Load(ctx context.Context, id string) (store.Record, error) {
	s.lag()
	defer s.lag()
	return s.Store.Load(ctx, id)
}

func (s slow) Save(ctx context.Context, r store.Record) error {
	s.lag()
	defer s.lag()
	return s.Store.Save(ctx, r)
}

func (s slow) Delete(ctx context.Context, id string) error {
	s.lag()
	defer s.lag()
	return s.Store.Delete(ctx, id)
}

// gone is the version of what was deleted.
const gone = math.MaxUint64

// ack is a write that a node has acknowledged.
type ack struct {
	node    int
	version uint64
	at      time.Time
}

// history knows what was acknowledged of a record, and whether it may be gone.
type history struct {
	mu       sync.Mutex
	acks     []ack
	deleting bool
}

func (h *history) add(a ack) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.acks = append(h.acks, a)
}

// check returns an error if a load at a node that began then must not have
// seen what it has: something older than the node's own writes, or than those
// of others that are longer ago than the bound.
func (h *history) check(node int, began time.Time, bound time.Duration, version uint64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if version == gone && !h.deleting {
		return errors.New("load finds nothing, and nobody has deleted it")
	}
	for _, a := range h.acks {
		since := began.Sub(a.at)
		if a.version > version && (a.node == node && since > 0 || since >= bound) {
			return fmt.Errorf("node %d sees version %d, %v after node %d had version %d acknowledged", node, version, since, a.node, a.version)
		}
	}
	return nil
}

// TestNoStaleReadBeyondTheBound: at two nodes records are loaded, saved and
// deleted at random, while calls, answers and messages take their time. Time is
// that of a bubble, so that every bound is exact.
func TestNoStaleReadBeyondTheBound(t *testing.T) {
	const millisecond, messages = time.Millisecond, 8 * time.Millisecond
	for name, test := range map[string]struct {
		stale, bound time.Duration
		channel      bool
		breaks       bool
	}{
		"within MaxStale":               {stale: 20 * millisecond, bound: 20 * millisecond},
		"while messages travel":         {stale: time.Hour, bound: messages, channel: true},
		"while messages travel or not":  {stale: time.Hour, bound: messages, channel: true, breaks: true},
		"within MaxStale of nearly all": {stale: time.Nanosecond, bound: time.Nanosecond},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(10) {
				synctest.Test(t, func(t *testing.T) {
					random := newRandom(seed)
					lag := func(most time.Duration) time.Duration { return time.Duration(random(int(most))) }
					backend := slow{backendOf(t), func() { <-time.After(lag(2 * millisecond)) }}
					opts := cachestore.Options{MaxStale: test.stale}
					h := newHub()
					if test.channel {
						h.delay = func() time.Duration { return lag(messages) }
						opts.Channel = h
					}
					nodes := []*cachestore.Store{open(t, backend, opts), open(t, backend, opts)}
					ctx, cancel := context.WithCancel(t.Context())
					var listeners, visitors sync.WaitGroup
					if test.channel {
						for _, st := range nodes {
							listeners.Go(func() { _ = st.Listen(ctx) })
						}
						synctest.Wait()
					}
					histories := make([]history, 20)
					for i := range histories {
						ok(t, backend.Create(ctx, record(fmt.Sprint(i))))
					}
					for v := range 6 {
						visitors.Go(func() { visit(t, v%2, nodes[v%2], histories, random, test.bound) })
					}
					if test.breaks {
						visitors.Go(func() {
							for range 20 {
								<-time.After(lag(100 * millisecond))
								h.fail()
							}
						})
					}
					visitors.Wait()
					cancel()
					listeners.Wait()
					<-time.After(time.Second) // for what is on its way
					if s := nodes[0].Stats(); s.Hits < 10 && test.stale > 1 {
						t.Errorf("hardly anything is cached: %+v", s)
					}
				})
			}
		})
	}
}

// newRandom returns random numbers below a limit to many goroutines.
func newRandom(seed uint64) func(limit int) int {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 1))
	return func(limit int) int {
		mu.Lock()
		defer mu.Unlock()
		return random.IntN(limit)
	}
}

// visit does things at random at a node, one after the other.
func visit(t *testing.T, node int, st *cachestore.Store, histories []history, random func(int) int, bound time.Duration) {
	for range 250 {
		<-time.After(time.Duration(random(int(5 * time.Millisecond))))
		i := random(len(histories))
		id, h, began := fmt.Sprint(i), &histories[i], time.Now()
		if random(40) == 0 {
			h.mu.Lock()
			h.deleting = true
			h.mu.Unlock()
			ok(t, st.Delete(t.Context(), id))
			h.add(ack{node, gone, time.Now()})
			continue
		}
		load, bound := st.Load, bound
		if random(10) == 0 {
			load, bound = st.Refresh, 1 // sees what others have written, too
		}
		r, err := load(t.Context(), id)
		switch {
		case errors.Is(err, store.ErrNotFound):
			r.Version = gone
		case err != nil:
			t.Error(err)
			return
		}
		if err := h.check(node, began, bound, r.Version); err != nil {
			t.Error(err)
		}
		if r.Version == gone || random(4) != 0 {
			continue
		}
		switch err := st.Save(t.Context(), r); {
		case err == nil:
			h.add(ack{node, r.Version + 1, time.Now()})
		case !errors.Is(err, store.ErrConflict):
			t.Error(err)
		}
	}
}
