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

func TestStoreOfTheExamplePasses(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return new(mapStore) })
}

func inAnHour() time.Time { return time.Now().Add(time.Hour) }

func ExampleTouch() {
	ctx := context.Background()
	for _, st := range []store.Store{new(memstore.Store), new(mapStore)} {
		_ = st.Create(ctx, store.Record{ID: "a", Expires: inAnHour()})
		err := store.Touch(ctx, st, "a", 1, time.Now().Add(2*time.Hour))
		r, _ := st.Load(ctx, "a")
		_, own := st.(store.Toucher) // otherwise Touch uses Load and Save
		fmt.Println(own, err, time.Until(r.Expires).Round(time.Hour), r.Version)
	}
	// Output:
	// true <nil> 2h0m0s 1
	// false <nil> 2h0m0s 2
}

func ExampleSweep() {
	ctx, st := context.Background(), new(memstore.Store)
	for _, id := range []string{"a", "b", "c"} {
		_ = st.Create(ctx, store.Record{ID: id, Expires: inAnHour()})
	}
	n, err := store.Sweep(ctx, st, 1000)
	fmt.Println(n, err) // fewer than the limit: no expired record is left

	_, err = store.Sweep(ctx, new(mapStore), 1000)
	fmt.Println(errors.Is(err, errors.ErrUnsupported))
	// Output:
	// 0 <nil>
	// true
}

func ExampleList() {
	ctx, st := context.Background(), new(memstore.Store)
	for id, subject := range map[string]string{"a": "ann", "b": "bob", "c": "ann"} {
		_ = st.Create(ctx, store.Record{ID: id, Subject: subject, Expires: inAnHour()})
	}
	for r, err := range store.List(ctx, st, "ann") {
		fmt.Println(r.ID, err)
	}
	for _, err := range store.List(ctx, new(mapStore), "ann") { // it is not a store.Lister
		fmt.Println(errors.Is(err, errors.ErrUnsupported))
	}
	// Unordered output:
	// a <nil>
	// c <nil>
	// true
}
