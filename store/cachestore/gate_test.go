package cachestore_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosessions/sessions/store"
)

// gated is a store that can hold back the answer to one load or save: what the
// backend said is on its way. A delete is held back before it is done.
type gated struct {
	store.Store
	loads              atomic.Int64
	load, save, remove atomic.Pointer[gate]
}

type gate struct{ answered, open chan struct{} }

func newGate() *gate { return &gate{make(chan struct{}), make(chan struct{})} }

// pass holds back the first caller.
func pass(at *atomic.Pointer[gate]) {
	if g := at.Swap(nil); g != nil {
		close(g.answered)
		<-g.open
	}
}

func (s *gated) Load(ctx context.Context, id string) (store.Record, error) {
	s.loads.Add(1)
	r, err := s.Store.Load(ctx, id)
	pass(&s.load)
	return r, err
}

func (s *gated) Save(ctx context.Context, r store.Record) error {
	err := s.Store.Save(ctx, r)
	pass(&s.save)
	return err
}

func (s *gated) Delete(ctx context.Context, id string) error {
	pass(&s.remove)
	return s.Store.Delete(ctx, id)
}

func (s *gated) Touch(ctx context.Context, id string, version uint64, expires time.Time) error {
	return store.Touch(ctx, s.Store, id, version, expires)
}

// during runs f while the answer to call is held back at the gate, and returns
// when call has returned.
func during(t testing.TB, at *atomic.Pointer[gate], call, f func()) {
	t.Helper()
	g, done := newGate(), make(chan struct{})
	at.Store(g)
	go func() { defer close(done); call() }()
	<-g.answered
	f()
	close(g.open)
	<-done
}
