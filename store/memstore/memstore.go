// Package memstore keeps session records in the memory of the process: for
// development, tests, and programs of one process that may lose sessions at a
// restart.
package memstore

import (
	"bytes"
	"context"
	"errors"
	"hash/maphash"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosessions/sessions/store"
)

// ErrFull is returned by Create when MaxRecords live records are kept.
var ErrFull = errors.New("memstore: full")

// Store keeps records in memory. The zero Store is empty and ready to use; it
// must not be copied. It is safe for concurrent use and starts no goroutine:
// expired records go little by little as others are created, and all at once
// by Sweep.
type Store struct {
	// MaxRecords bounds how many records are kept, expired ones included
	// until they are needed for room. A Create beyond it is ErrFull, so that
	// new visitors get the error page. Zero: no bound. Set it before use.
	MaxRecords int

	once   sync.Once
	seed   maphash.Seed
	shards [shardCount]shard
	count  atomic.Int64
	next   atomic.Uint32 // shard that Sweep begins with
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

// Create inserts a record. It returns ErrFull if there is no room.
func (s *Store) Create(ctx context.Context, r store.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := s.create(r)
	if errors.Is(err, ErrFull) {
		if _, err := s.Sweep(ctx, s.MaxRecords); err != nil {
			return err
		}
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
		s.drop(sh, old)
	}
	s.look(sh, now, tidied, tidied) // at more than one create adds
	if n := s.count.Add(1); s.MaxRecords > 0 && n > int64(s.MaxRecords) {
		s.count.Add(-1)
		return ErrFull
	}
	r.Version, r.Data = 1, bytes.Clone(r.Data)
	e := &entry{Record: r}
	sh.add(e)
	s.index(e)
	return nil
}

// Load returns a live record. Its Data is shared, and is not to be changed.
func (s *Store) Load(ctx context.Context, id string) (store.Record, error) {
	if err := ctx.Err(); err != nil {
		return store.Record{}, err
	}
	sh := s.shard(id)
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	e, ok := sh.records[id]
	if !ok || e.expired(time.Now()) {
		return store.Record{}, store.ErrNotFound
	}
	return e.Record, nil
}

// Save replaces a live record of the same version.
func (s *Store) Save(ctx context.Context, r store.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	sh := s.shard(r.ID)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	e, ok := sh.records[r.ID]
	if !ok || e.Version != r.Version || e.expired(time.Now()) {
		return store.ErrConflict
	}
	e.Version, e.Expires, e.Data = r.Version+1, r.Expires, bytes.Clone(r.Data)
	if e.Subject != r.Subject {
		s.unindex(e)
		e.Subject = r.Subject
		s.index(e)
	}
	return nil
}

// Delete removes a record, if it is there.
func (s *Store) Delete(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	sh := s.shard(id)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if e, ok := sh.records[id]; ok {
		s.drop(sh, e)
	}
	return nil
}

// Touch moves the expiry of a live record of the same version, later only.
func (s *Store) Touch(ctx context.Context, id string, version uint64, expires time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	sh := s.shard(id)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	e, ok := sh.records[id]
	if !ok || e.Version != version || e.expired(time.Now()) {
		return store.ErrConflict
	}
	if expires.After(e.Expires) {
		e.Expires = expires
	}
	return nil
}

// List yields the live records of a subject.
func (s *Store) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for _, id := range s.ids(subject) {
			r, err := s.Load(ctx, id)
			switch {
			case errors.Is(err, store.ErrNotFound) || err == nil && r.Subject != subject:
			case !yield(r, err) || err != nil:
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(store.Record{}, err)
		}
	}
}

// Len returns how many records are kept, expired ones included.
func (s *Store) Len() int { return int(s.count.Load()) }
