package firestorestore_test

import (
	"context"
	"iter"
	"sync/atomic"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/firestorestore"
)

// turns sends each call to the next of several stores.
type turns struct {
	stores []*firestorestore.Store
	n      atomic.Int64
}

func (s *turns) next() *firestorestore.Store {
	return s.stores[s.n.Add(1)%int64(len(s.stores))]
}

func (s *turns) Create(ctx context.Context, r store.Record) error { return s.next().Create(ctx, r) }

func (s *turns) Load(ctx context.Context, id string) (store.Record, error) {
	return s.next().Load(ctx, id)
}

func (s *turns) Save(ctx context.Context, r store.Record) error { return s.next().Save(ctx, r) }

func (s *turns) Delete(ctx context.Context, id string) error { return s.next().Delete(ctx, id) }

func (s *turns) Touch(ctx context.Context, id string, version uint64, expires time.Time) error {
	return s.next().Touch(ctx, id, version, expires)
}

func (s *turns) Sweep(ctx context.Context, limit int) (int, error) { return s.next().Sweep(ctx, limit) }

func (s *turns) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return s.next().List(ctx, subject)
}
