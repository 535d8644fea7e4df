package cachestore

import (
	"bytes"
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

// Store is a store behind a cache. It is safe for concurrent use. The backend
// stays the caller's, to close it.
type Store struct {
	backend store.Store
	opts    Options
	node    string // tells this Store's messages from those of others

	seed    maphash.Seed
	stripes [stripes]stripe

	epoch     atomic.Uint64 // 0 while the cache is not used
	turning   sync.Mutex    // around lastEpoch
	lastEpoch uint64

	listening                       atomic.Bool
	hits, misses, refused, failures atomic.Uint64
}

var (
	_ store.Toucher = (*Store)(nil)
	_ store.Sweeper = (*Store)(nil)
	_ store.Lister  = (*Store)(nil)
)

// New puts a cache in front of a store. It returns all that is wrong with the
// options in one error. With a Channel the cache is not used until Listen
// runs.
func New(backend store.Store, opts Options) (*Store, error) {
	opts, err := opts.resolve(backend)
	if err != nil {
		return nil, err
	}
	// Epochs begin at random, so that a cache that outlives the process serves
	// nothing of the last one.
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
		r.Version, r.Data = 1, bytes.Clone(r.Data)
		s.wrote(ctx, t, r)
	case !errors.Is(err, store.ErrExists):
		s.forget(ctx, r.ID)
	}
	return err
}

// Load returns a live record, which may be one that another process has
// changed or deleted in the last Options.MaxStale. Its Data is shared, and is
// not to be changed.
func (s *Store) Load(ctx context.Context, id string) (store.Record, error) {
	if err := ctx.Err(); err != nil {
		return store.Record{}, err
	}
	if r, ok := s.cached(ctx, id); ok {
		s.hits.Add(1)
		return r, nil
	}
	s.misses.Add(1)
	t := s.begin(id)
	r, err := s.backend.Load(ctx, id)
	switch {
	case err == nil:
		s.admit(ctx, t, r)
	case errors.Is(err, store.ErrNotFound):
		s.forget(ctx, id) // and what slower loads have read
	}
	return r, err
}

// cached returns a record that may be served.
func (s *Store) cached(ctx context.Context, id string) (store.Record, bool) {
	if s.epoch.Load() == 0 {
		return store.Record{}, false
	}
	e, ok := s.get(ctx, id)
	now := time.Now() // for the cache may have been slow
	age := now.Sub(e.Since)
	ok = ok && e.Epoch == s.epoch.Load() && e.Record.ID == id &&
		age >= 0 && age < s.opts.MaxStale && now.Before(e.Record.Expires)
	return e.Record, ok
}

// Save replaces a live record of the same version, in the backend.
func (s *Store) Save(ctx context.Context, r store.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t := s.begin(r.ID)
	err := s.backend.Save(ctx, r)
	if err == nil {
		r.Version, r.Data = r.Version+1, bytes.Clone(r.Data)
		s.wrote(ctx, t, r)
	} else {
		s.forget(ctx, r.ID)
	}
	if !errors.Is(err, store.ErrConflict) {
		s.publish(ctx, r.ID)
	}
	return err
}

// Delete removes a record, if it is there.
func (s *Store) Delete(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := s.backend.Delete(ctx, id)
	s.forget(ctx, id)
	s.publish(ctx, id)
	return err
}

// Touch moves the expiry of a live record of the same version, later only.
// Other processes are not told: they ask the backend before they take a record
// for expired. It returns errors.ErrUnsupported if the backend is no
// store.Toucher.
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

// Sweep removes up to limit expired records. It returns errors.ErrUnsupported
// if the backend is no store.Sweeper.
func (s *Store) Sweep(ctx context.Context, limit int) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return store.Sweep(ctx, s.backend, limit)
}

// List yields the live records of a subject as the backend has them. It
// yields errors.ErrUnsupported if the backend is no store.Lister.
func (s *Store) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	if err := ctx.Err(); err != nil {
		return func(yield func(store.Record, error) bool) { yield(store.Record{}, err) }
	}
	return store.List(ctx, s.backend, subject)
}
