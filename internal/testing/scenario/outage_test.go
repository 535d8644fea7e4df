package scenario_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// failing is a store that can be down.
type failing struct {
	st   atomic.Pointer[memstore.Store]
	down atomic.Bool
	err  error // what it says then
}

func newFailing(err error) *failing {
	s := &failing{err: err}
	s.st.Store(new(memstore.Store))
	return s
}

func (s *failing) status() error {
	if s.down.Load() {
		return s.err
	}
	return nil
}

func (s *failing) Create(ctx context.Context, r store.Record) error {
	return errors.Join(s.status(), s.st.Load().Create(ctx, r))
}

func (s *failing) Save(ctx context.Context, r store.Record) error {
	if err := s.status(); err != nil {
		return err
	}
	return s.st.Load().Save(ctx, r)
}

func (s *failing) Delete(ctx context.Context, id string) error {
	if err := s.status(); err != nil {
		return err
	}
	return s.st.Load().Delete(ctx, id)
}

func (s *failing) Load(ctx context.Context, id string) (store.Record, error) {
	if err := s.status(); err != nil {
		return store.Record{}, err
	}
	return s.st.Load().Load(ctx, id)
}

var errDown = errors.New("connection refused")

func TestOutage(t *testing.T) {
	s := newFailing(errDown)
	scenario.Outage(t, func(*testing.T) store.Store { return s },
		func() { s.down.Store(true) }, func() { s.down.Store(false) })
}

func TestOutageIsChecked(t *testing.T) {
	empty := newFailing(errDown)
	silent := newFailing(store.ErrNotFound)
	for name, tc := range map[string]struct {
		s     *failing
		start func()
		says  string
	}{
		"a store that is empty after its start":       {empty, func() { empty.st.Store(new(memstore.Store)); empty.down.Store(false) }, "subject"},
		"a store that has no records when it is down": {silent, func() { silent.down.Store(false) }, "503"},
		"a store that stays down":                     {newFailing(errDown), func() {}, "too few replies of 200"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			err := scenario.CheckOutage(ctx, tc.s, func() { tc.s.down.Store(true) }, tc.start)
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("found %v, want %q", err, tc.says)
			}
		})
	}
}
