package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gosessions/sessions/store"
)

// mapStore is a store with the four required methods.
type mapStore struct {
	mu      sync.Mutex
	records map[string]store.Record
}

// live returns the record if it has not expired. The caller holds the lock.
func (s *mapStore) live(id string) (store.Record, bool) {
	r, ok := s.records[id]
	return r, ok && time.Now().Before(r.Expires)
}

// put keeps the record and its Data without a copy. The caller holds the lock.
func (s *mapStore) put(r store.Record) {
	if s.records == nil {
		s.records = map[string]store.Record{}
	}
	s.records[r.ID] = r
}

func (s *mapStore) Create(ctx context.Context, r store.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, ok := s.records[r.ID]; ok {
		return store.ErrExists
	}
	r.Version = 1
	s.put(r)
	return nil
}

func (s *mapStore) Load(ctx context.Context, id string) (store.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return store.Record{}, err
	}
	r, ok := s.live(id)
	if !ok {
		return store.Record{}, store.ErrNotFound
	}
	return r, nil
}

func (s *mapStore) Save(ctx context.Context, r store.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if old, ok := s.live(r.ID); !ok || old.Version != r.Version {
		return store.ErrConflict
	}
	r.Version++
	s.put(r)
	return nil
}

func (s *mapStore) Delete(ctx context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	delete(s.records, id)
	return nil
}

func ExampleStore() {
	ctx, st := context.Background(), new(mapStore)
	fmt.Println(st.Create(ctx, store.Record{ID: "a", Expires: time.Now().Add(time.Hour), Data: []byte("one")}))

	mine, _ := st.Load(ctx, "a")
	yours, _ := st.Load(ctx, "a")
	mine.Data, yours.Data = []byte("two"), []byte("three")
	fmt.Println(st.Save(ctx, mine))
	fmt.Println(errors.Is(st.Save(ctx, yours), store.ErrConflict)) // too late

	_ = st.Delete(ctx, "a")
	_, err := st.Load(ctx, "a")
	fmt.Println(errors.Is(err, store.ErrNotFound))
	// Output:
	// <nil>
	// <nil>
	// true
	// true
}
