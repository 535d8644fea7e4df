package scenario_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

func TestWriters(t *testing.T) {
	shared := new(memstore.Store)
	scenario.Writers(t, func(*testing.T) store.Store { return plain{shared} })
}

// meeting has the first two loads wait for each other, so that both visitors
// save what they make of one version.
type meeting struct {
	deaf
	met *met
}

type met struct {
	loads atomic.Int32
	both  chan struct{}
}

func (s meeting) Load(ctx context.Context, id string) (store.Record, error) {
	r, err := s.deaf.Load(ctx, id)
	switch s.met.loads.Add(1) {
	case 1:
		<-s.met.both
	case 2:
		close(s.met.both)
	}
	return r, err
}

func TestWritersFailOnAWrongStore(t *testing.T) {
	shared, met := new(memstore.Store), &met{both: make(chan struct{})}
	for name, tc := range map[string]struct {
		open func() store.Store
		says string
	}{
		"a save does not compare versions": {func() store.Store { return meeting{deaf{shared}, met} }, "counter"},
		"a save does nothing":              {func() store.Store { return idle{shared} }, "counter"},
		"the sites share no database":      {func() store.Store { return new(memstore.Store) }, "keys"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var stores []store.Store
			for range 4 {
				stores = append(stores, tc.open())
			}
			err := scenario.CheckWriters(ctx, stores...)
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("found %v, want %q", err, tc.says)
			}
		})
	}
}
