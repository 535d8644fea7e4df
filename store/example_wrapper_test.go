package store_test

import (
	"context"
	"fmt"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// countingStore counts the loads of another store. It hides the optional
// methods of that store. If it embedded *memstore.Store, it would keep them.
type countingStore struct {
	store.Store
	loads int
}

func (s *countingStore) Load(ctx context.Context, id string) (store.Record, error) {
	s.loads++
	return s.Store.Load(ctx, id)
}

func ExampleStore_wrapper() {
	ctx, st := context.Background(), &countingStore{Store: new(memstore.Store)}
	_ = st.Create(ctx, store.Record{ID: "a", Expires: time.Now().Add(time.Hour)})
	_, _ = st.Load(ctx, "a")
	_, _ = st.Load(ctx, "b")
	fmt.Println(st.loads)
	// Output: 2
}
