package cachestore

import (
	"context"
	"errors"
	"hash/maphash"
	"iter"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosessions/sessions/store"
)

// Store is a store behind a cache. It is safe for concurrent use. The caller
// closes the backend.
type Store struct {
	backend store.Store
	opts    Options
	node    string // distinguishes the messages of this Store

	seed    maphash.Seed
	stripes [stripes]stripe

	epoch     atomic.Uint64 // 0 while the cache is out of use
	turning   sync.Mutex    // guards lastEpoch
	lastEpoch uint64

	listening                       atomic.Bool
	hits, misses, refused, failures atomic.Uint64
}

var (
	_ store.Toucher = (*Store)(nil)
	_ store.Sweeper = (*Store)(nil)
	_ store.Lister  = (*Store)(nil)

	_ store.Refresher = (*Store)(nil)
)

// New puts a cache in front of a store. If options are invalid, the error names
// all of them. With [Options.Channel], the cache is out of use until Listen
// runs.
func New(backend store.Store, opts Options) (*Store, error) {
	opts, err := opts.resolve(backend)
	if err != nil {
		return nil, err
	}
	// The first epoch is random, so that a cache that outlives the process
	// serves no entry of an earlier process.
	s := &Store{backend: backend, opts: opts, node: newNode(), seed: maphash.MakeSeed(), lastEpoch: rand.Uint64()}
	if opts.Channel == nil {
		s.resume()
	}
	return s, nil
}

// Create inserts a record.
func (s *Store) Create(ctx context.Context, r store.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t := s.begin(r.ID)
	err := s.backend.Create(ctx, r)
	switch {
	case err == nil:
		r.Version = 1
		s.wrote(ctx, t, r)
	case !errors.Is(err, store.ErrExists):
		s.forget(ctx, r.ID)
	}
	return err
}

// Load returns a live record. Another process may have changed or deleted it
// within the last [Options.MaxStale].
func (s *Store) Load(ctx context.Context, id string) (store.Record, error) {
	if err := ctx.Err(); err != nil {
		return store.Record{}, err
	}
	if r, ok := s.cached(ctx, id); ok {
		s.hits.Add(1)
		return r, nil
	}
	s.misses.Add(1)
	return s.load(ctx, id, s.backend.Load)
}

// Refresh returns a live record as the backend has it, and caches it.
func (s *Store) Refresh(ctx context.Context, id string) (store.Record, error) {
	if err := ctx.Err(); err != nil {
		return store.Record{}, err
	}
	return s.load(ctx, id, func(ctx context.Context, id string) (store.Record, error) {
		return store.Refresh(ctx, s.backend, id)
	})
}

// load asks the backend, and caches what it says.
func (s *Store) load(ctx context.Context, id string, ask func(context.Context, string) (store.Record, error)) (store.Record, error) {
	t := s.begin(id)
	r, err := ask(ctx, id)
	switch {
	case err == nil:
		s.admit(ctx, t, r)
	case errors.Is(err, store.ErrNotFound):
		s.forget(ctx, id) // slower loads may have read an older record
	}
	return r, err
}

// cached returns the cached record, if it may be served.
func (s *Store) cached(ctx context.Context, id string) (store.Record, bool) {
	if s.epoch.Load() == 0 {
		return store.Record{}, false
	}
	e, ok := s.get(ctx, id)
	now := time.Now() // the cache may have been slow
	age := now.Sub(e.Since)
	ok = ok && e.Epoch == s.epoch.Load() && e.Record.ID == id &&
		age >= 0 && age < s.opts.MaxStale && now.Before(e.Record.Expires)
	return e.Record, ok
}

// Save replaces a live record at the same version in the backend.
func (s *Store) Save(ctx context.Context, r store.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t := s.begin(r.ID)
	err := s.backend.Save(ctx, r)
	if err == nil {
		r.Version++
		s.wrote(ctx, t, r)
	} else {
		s.forget(ctx, r.ID)
	}
	if !errors.Is(err, store.ErrConflict) {
		s.publish(ctx, r.ID)
	}
	return err
}

// Delete removes a record.
func (s *Store) Delete(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := s.backend.Delete(ctx, id)
	s.forget(ctx, id)
	s.publish(ctx, id)
	return err
}

// Touch extends the expiry of a live record at the same version. It sends no
// message to other processes, because they ask the backend before they treat a
// record as expired. Touch returns [errors.ErrUnsupported] if the backend is
// not a [store.Toucher].
func (s *Store) Touch(ctx context.Context, id string, version uint64, expires time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	backend, ok := s.backend.(store.Toucher)
	if !ok {
		return errors.ErrUnsupported
	}
	t := s.begin(id)
	err := backend.Touch(ctx, id, version, expires)
	if err == nil {
		s.touched(ctx, t, id, version, expires)
	} else {
		s.forget(ctx, id)
	}
	return err
}

// Sweep removes up to limit expired records. It returns
// [errors.ErrUnsupported] if the backend is not a [store.Sweeper].
func (s *Store) Sweep(ctx context.Context, limit int) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return store.Sweep(ctx, s.backend, limit)
}

// List yields the live records of a subject from the backend. It yields
// [errors.ErrUnsupported] if the backend is not a [store.Lister].
func (s *Store) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	if err := ctx.Err(); err != nil {
		return func(yield func(store.Record, error) bool) { yield(store.Record{}, err) }
	}
	return store.List(ctx, s.backend, subject)
}
