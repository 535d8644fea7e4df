// Package memstore keeps session records in the memory of the process. Use it
// for development, for tests, and for programs of one process that may lose
// their sessions when they restart.
package memstore

import (
	"context"
	"errors"
	"hash/maphash"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosessions/sessions/store"
)

// ErrFull is returned by Create if the store holds [Store.MaxRecords] records and
// hardly any of them has expired.
var ErrFull = errors.New("memstore: full")

// Store keeps records in memory. The zero Store is empty and ready to use. A
// Store must not be copied after first use. It is safe for concurrent use.
//
// A Store starts no goroutine. Each Create removes a few expired records, and
// Sweep removes all of them.
type Store struct {
	// MaxRecords limits the number of records. If the store is full, Create
	// looks at up to 500 records, chosen at random, and removes those that have
	// expired; if it finds none, it returns [ErrFull]. Sweep finds all of them.
	// If zero, there is no limit. Set MaxRecords before first use.
	MaxRecords int

	once   sync.Once
	seed   maphash.Seed
	shards [shardCount]shard
	count  atomic.Int64
	next   atomic.Uint32 // the shard that Sweep starts with
}

var (
	_ store.Toucher = (*Store)(nil)
	_ store.Sweeper = (*Store)(nil)
	_ store.Lister  = (*Store)(nil)
)

func (s *Store) shard(key string) *shard {
	s.once.Do(func() { s.seed = maphash.MakeSeed() })
	return &s.shards[maphash.String(s.seed, key)%shardCount]
}

// Create inserts a record. It returns [ErrFull] if there is no room for it.
func (s *Store) Create(ctx context.Context, r store.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := s.create(r)
	if errors.Is(err, ErrFull) {
		s.makeRoom()
		err = s.create(r)
	}
	return err
}

func (s *Store) create(r store.Record) error {
	now := time.Now()
	sh := s.shard(r.ID)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if old, ok := sh.records[r.ID]; ok {
		if !old.expired(now) {
			return store.ErrExists
		}
		s.drop(sh, r.ID, old)
	}
	s.tidy(sh, now, tidied)
	if n := s.count.Add(1); s.MaxRecords > 0 && n > int64(s.MaxRecords) {
		s.count.Add(-1)
		return ErrFull
	}
	if sh.records == nil {
		sh.records = make(map[string]*entry)
	}
	sh.records[r.ID] = &entry{
		data: r.Data, version: 1, expires: r.Expires.UnixMilli(), place: s.index(r.ID, r.Subject),
	}
	return nil
}

// Load returns a live record.
func (s *Store) Load(ctx context.Context, id string) (store.Record, error) {
	if err := ctx.Err(); err != nil {
		return store.Record{}, err
	}
	sh := s.shard(id)
	now := time.Now()
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	if e, ok := sh.records[id]; ok && !e.expired(now) {
		return e.record(id), nil
	}
	return store.Record{}, store.ErrNotFound
}

// Save replaces a live record at the same version.
func (s *Store) Save(ctx context.Context, r store.Record) error {
	return s.change(ctx, r.ID, r.Version, func(e *entry) {
		e.data, e.version, e.expires = r.Data, r.Version+1, r.Expires.UnixMilli()
		if e.subject() != r.Subject {
			s.unindex(e.place)
			e.place = s.index(r.ID, r.Subject)
		}
	})
}

// Delete removes a record.
func (s *Store) Delete(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	sh := s.shard(id)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if e, ok := sh.records[id]; ok {
		s.drop(sh, id, e)
	}
	return nil
}

// Touch extends the expiry of a live record at the same version.
func (s *Store) Touch(ctx context.Context, id string, version uint64, expires time.Time) error {
	return s.change(ctx, id, version, func(e *entry) { e.expires = max(e.expires, expires.UnixMilli()) })
}

// change calls f with a live entry at a version, under the lock of its shard.
func (s *Store) change(ctx context.Context, id string, version uint64, f func(*entry)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	sh := s.shard(id)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	e, ok := sh.records[id]
	if !ok || e.version != version || e.expired(time.Now()) {
		return store.ErrConflict
	}
	f(e)
	return nil
}

// List yields the live records of a subject.
func (s *Store) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for _, id := range s.ids(subject) {
			r, err := s.Load(ctx, id)
			switch {
			case errors.Is(err, store.ErrNotFound) || err == nil && r.Subject != subject:
				// The record has changed since ids.
			case !yield(r, err) || err != nil:
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(store.Record{}, err)
		}
	}
}

// Len returns the number of records, including expired ones.
func (s *Store) Len() int { return int(s.count.Load()) }
