package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
	"github.com/gosessions/sessions/store/storetest"
)

// bare is a store with the four required methods only.
type bare struct{ store.Store }

func TestStoreOfFourMethodsPasses(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return bare{new(memstore.Store)} })
}

func TestWhatAStoreLacksIsUnsupported(t *testing.T) {
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
