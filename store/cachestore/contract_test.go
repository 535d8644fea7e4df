package cachestore_test

import (
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/cachestore"
	"github.com/gosessions/sessions/store/storetest"
)

func TestContract(t *testing.T) {
	for name, backend := range backends {
		t.Run(name, func(t *testing.T) {
			st, server := backend(t)
			testserver.Report(t, "cachestore", "over "+server)
			cached := open(t, st, cachestore.Options{MaxStale: time.Hour})
			storetest.Run(t, func(*testing.T) store.Store { return cached })
			if cached.Stats().Hits == 0 {
				t.Error("nothing was served from the cache")
			}
		})
	}
}

func TestScenarios(t *testing.T) {
	for name, backend := range backends {
		t.Run(name, func(t *testing.T) {
			st, _ := backend(t)
			cached := open(t, st, cachestore.Options{MaxStale: time.Hour})
			scenario.Run(t, func(*testing.T) store.Store { return cached })
		})
	}
}

func TestHitAsksNobody(t *testing.T) {
	backend := &gated{Store: backendOf(t)}
	st := open(t, backend, cachestore.Options{MaxStale: time.Hour})
	r := fresh(t, st)
	for range 10 {
		sees(t, st, r.ID, 1)
	}
	ok(t, st.Save(t.Context(), r))
	sees(t, st, r.ID, 2)
	ok(t, st.Touch(t.Context(), r.ID, 2, time.Now().Add(2*time.Hour)))
	sees(t, st, r.ID, 2)
	if n := backend.loads.Load(); n != 0 {
		t.Errorf("the backend was asked %d times for what this process wrote", n)
	}
	if got := st.Stats(); got.Hits != 12 || got.Misses != 0 || got.Failures != 0 {
		t.Errorf("%+v, want 12 hits", got)
	}
}

func backendOf(t testing.TB) store.Store {
	st, _ := backends["memstore"](t)
	return st
}
