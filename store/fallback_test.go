package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
	"github.com/gosessions/sessions/store/storetest"
)

// bare has only the four required methods.
type bare struct{ store.Store }

func TestStoreOfFourMethodsPasses(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return bare{new(memstore.Store)} })
}

func TestWrapperOfAStoreOfFourMethodsPasses(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return wrapper{new(memstore.Store)} })
}

// TestTouchOfAWrapper checks that Touch falls back to Load and Save if the
// wrapped store has no Touch.
func TestTouchOfAWrapper(t *testing.T) {
	ctx, st := context.Background(), wrapper{new(memstore.Store)}
	expires := time.Now().Add(2 * time.Hour).Truncate(time.Millisecond)
	if err := st.Create(ctx, store.Record{ID: "a", Expires: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if err := store.Touch(ctx, st, "a", 1, expires); err != nil {
		t.Error(err)
	}
	if r, err := st.Load(ctx, "a"); err != nil || !r.Expires.Equal(expires) || r.Version != 2 {
		t.Errorf("version %d expires at %v, error %v", r.Version, r.Expires, err)
	}
}

// wrapper has a Touch and a Refresh method, but the wrapped store does not.
type wrapper struct{ store.Store }

func (wrapper) Touch(context.Context, string, uint64, time.Time) error {
	return fmt.Errorf("wrapper: %w", errors.ErrUnsupported)
}

// Refresh of a store that lacks it is a Load, also if a wrapper has it.
func (wrapper) Refresh(context.Context, string) (store.Record, error) {
	return store.Record{}, fmt.Errorf("wrapper: %w", errors.ErrUnsupported)
}

func TestRefreshFallsBackToLoad(t *testing.T) {
	ctx := context.Background()
	for _, st := range []store.Store{bare{new(memstore.Store)}, wrapper{new(memstore.Store)}} {
		if _, err := store.Refresh(ctx, st, "a"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%T: %v, want ErrNotFound", st, err)
		}
		if err := st.Create(ctx, store.Record{ID: "a", Expires: time.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		if r, err := store.Refresh(ctx, st, "a"); err != nil || r.ID != "a" {
			t.Errorf("%T: %+v, error %v", st, r, err)
		}
	}
}

func TestMissingMethodIsUnsupported(t *testing.T) {
	ctx, st := context.Background(), bare{new(memstore.Store)}
	if _, err := store.Sweep(ctx, st, 1); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Sweep: %v, want ErrUnsupported", err)
	}
	n := 0
	for _, err := range store.List(ctx, st, "ann") {
		n++
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("List: %v, want ErrUnsupported", err)
		}
	}
	if n != 1 {
		t.Errorf("List yields %d times, want once", n)
	}
}
