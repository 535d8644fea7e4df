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

const shardCount = 64

// shard holds the records whose ids hash to it, and the ids of the subjects
// that do. The lock of a record's shard comes before that of a subject's.
type shard struct {
	mu      sync.RWMutex
	records map[string]store.Record

	subjectMu sync.Mutex
	subjects  map[string]map[string]struct{} // ids by subject
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

func expired(r store.Record, now time.Time) bool { return !now.Before(r.Expires) }

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
		if !expired(old, now) {
			return store.ErrExists
		}
		s.drop(sh, old)
	}
	s.tidy(sh, now)
	if n := s.count.Add(1); s.MaxRecords > 0 && n > int64(s.MaxRecords) {
		s.count.Add(-1)
		return ErrFull
	}
	r.Version, r.Data = 1, bytes.Clone(r.Data)
	if sh.records == nil {
		sh.records = make(map[string]store.Record)
	}
	sh.records[r.ID] = r
	s.index(r)
	return nil
}

// tidy drops the expired among a few records of a shard, more than one create
// adds; it needs the shard's lock.
func (s *Store) tidy(sh *shard, now time.Time) {
	looked := 0
	for _, r := range sh.records {
		if expired(r, now) {
			s.drop(sh, r)
		}
		if looked++; looked == 4 {
			return
		}
	}
}

// Load returns a live record. Its Data is shared, and is not to be changed.
func (s *Store) Load(ctx context.Context, id string) (store.Record, error) {
	if err := ctx.Err(); err != nil {
		return store.Record{}, err
	}
	sh := s.shard(id)
	sh.mu.RLock()
	r, ok := sh.records[id]
	sh.mu.RUnlock()
	if !ok || expired(r, time.Now()) {
		return store.Record{}, store.ErrNotFound
	}
	return r, nil
}

// Save replaces a live record of the same version.
func (s *Store) Save(ctx context.Context, r store.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	sh := s.shard(r.ID)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	old, ok := sh.records[r.ID]
	if !ok || old.Version != r.Version || expired(old, time.Now()) {
		return store.ErrConflict
	}
	r.Version, r.Data = old.Version+1, bytes.Clone(r.Data)
	sh.records[r.ID] = r
	if old.Subject != r.Subject {
		s.unindex(old)
		s.index(r)
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
	if r, ok := sh.records[id]; ok {
		s.drop(sh, r)
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
	r, ok := sh.records[id]
	if !ok || r.Version != version || expired(r, time.Now()) {
		return store.ErrConflict
	}
	if expires.After(r.Expires) {
		r.Expires = expires
		sh.records[id] = r
	}
	return nil
}

// Sweep removes up to limit expired records, one shard after the other, each
// time from where the last one ended.
func (s *Store) Sweep(ctx context.Context, limit int) (int, error) {
	removed := 0
	for range shardCount {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		if removed >= limit {
			break
		}
		removed += s.sweepShard(&s.shards[s.next.Load()%shardCount], limit-removed)
	}
	return removed, nil
}

func (s *Store) sweepShard(sh *shard, limit int) (removed int) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	now := time.Now()
	for _, r := range sh.records {
		if removed == limit {
			return removed
		}
		if expired(r, now) {
			s.drop(sh, r)
			removed++
		}
	}
	s.next.Add(1)
	return removed
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

// drop removes a record; it needs the shard's lock.
func (s *Store) drop(sh *shard, r store.Record) {
	delete(sh.records, r.ID)
	s.unindex(r)
	s.count.Add(-1)
}

func (s *Store) index(r store.Record) {
	if r.Subject == "" {
		return
	}
	sh := s.shard(r.Subject)
	sh.subjectMu.Lock()
	defer sh.subjectMu.Unlock()
	if sh.subjects == nil {
		sh.subjects = make(map[string]map[string]struct{})
	}
	if sh.subjects[r.Subject] == nil {
		sh.subjects[r.Subject] = make(map[string]struct{})
	}
	sh.subjects[r.Subject][r.ID] = struct{}{}
}

func (s *Store) unindex(r store.Record) {
	if r.Subject == "" {
		return
	}
	sh := s.shard(r.Subject)
	sh.subjectMu.Lock()
	defer sh.subjectMu.Unlock()
	delete(sh.subjects[r.Subject], r.ID)
	if len(sh.subjects[r.Subject]) == 0 {
		delete(sh.subjects, r.Subject)
	}
}

func (s *Store) ids(subject string) []string {
	sh := s.shard(subject)
	sh.subjectMu.Lock()
	defer sh.subjectMu.Unlock()
	ids := make([]string, 0, len(sh.subjects[subject]))
	for id := range sh.subjects[subject] {
		ids = append(ids, id)
	}
	return ids
}
