package otterstore

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/gosessions/sessions/store"
)

// ErrTooLarge is returned by Create and Save if the record alone is larger than
// [Options.MaxBytes]. They change nothing then.
var ErrTooLarge = errors.New("otterstore: record is larger than Options.MaxBytes")

// Store keeps records in memory, up to a bound. It is safe for concurrent use
// and does not need to be closed.
type Store struct {
	opts    Options
	cache   *otter.Cache[string, *entry]
	index   index
	evicted atomic.Uint64
}

var (
	_ store.Toucher = (*Store)(nil)
	_ store.Lister  = (*Store)(nil)
)

// New returns an empty store. If options are invalid, the error names all of
// them.
func New(opts Options) (*Store, error) {
	opts, err := opts.resolve()
	if err != nil {
		return nil, err
	}
	s := &Store{opts: opts, index: index{seed: maphash.MakeSeed()}}
	cache := &otter.Options[string, *entry]{
		MaximumSize:      opts.MaxRecords,
		ExpiryCalculator: otter.ExpiryWritingFunc(untilExpiry),
		OnAtomicDeletion: s.onDeletion,
		Clock:            clock{},
	}
	if opts.MaxRecords == 0 {
		cache.MaximumWeight, cache.Weigher = uint64(opts.MaxBytes), weigh
	}
	if s.cache, err = otter.New(cache); err != nil {
		return nil, fmt.Errorf("otterstore: %w", err)
	}
	return s, nil
}

// onDeletion is called for each entry that leaves the cache, for any reason,
// while the cache holds the lock of its ID.
func (s *Store) onDeletion(e otter.DeletionEvent[string, *entry]) {
	s.index.remove(e.Value)
	if e.Cause == otter.CauseOverflow && e.Value.live(time.Now()) {
		s.evicted.Add(1)
		if s.opts.OnEvict != nil {
			s.opts.OnEvict(e.Key)
		}
	}
}

// Evicted returns how many live records have been evicted so far.
func (s *Store) Evicted() uint64 { return s.evicted.Load() }

// Len returns the approximate number of records, including expired records
// that were not removed yet.
func (s *Store) Len() int { return s.cache.EstimatedSize() }

// fits returns an error if the cache would drop the entry at once.
func (s *Store) fits(e *entry) error {
	if s.opts.MaxRecords == 0 && e.weight() > s.opts.MaxBytes {
		return fmt.Errorf("%w: it needs %d bytes", ErrTooLarge, e.weight())
	}
	return nil
}

// Create inserts a record. The record may be evicted later; see the package
// documentation.
func (s *Store) Create(ctx context.Context, r store.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e := newEntry(r, 1)
	if err := s.fits(e); err != nil {
		return err
	}
	var err error
	s.cache.Compute(r.ID, func(old *entry, found bool) (*entry, otter.ComputeOp) {
		if found && old.live(time.Now()) {
			err = store.ErrExists
			return nil, otter.CancelOp
		}
		s.index.add(e)
		return e, otter.WriteOp
	})
	return err
}

// Load returns a live record.
func (s *Store) Load(ctx context.Context, id string) (store.Record, error) {
	if err := ctx.Err(); err != nil {
		return store.Record{}, err
	}
	e, ok := s.cache.GetIfPresent(id)
	if !ok || !e.live(time.Now()) {
		return store.Record{}, store.ErrNotFound
	}
	return e.record(), nil
}

// Save replaces a live record at the same version.
func (s *Store) Save(ctx context.Context, r store.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e := newEntry(r, r.Version+1)
	if err := s.fits(e); err != nil {
		return err
	}
	return s.replace(r.ID, r.Version, func(*entry) *entry { return e })
}

// Delete removes a record.
func (s *Store) Delete(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.cache.Invalidate(id)
	return nil
}

// Touch extends the expiry of a live record at the same version.
func (s *Store) Touch(ctx context.Context, id string, version uint64, expires time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.replace(id, version, func(old *entry) *entry {
		r := old.record()
		if !expires.After(r.Expires) {
			return nil
		}
		r.Expires = expires
		return newEntry(r, version)
	})
}

// replace replaces a live entry at a version with the entry that next returns.
// If that is nil, the old entry stays.
func (s *Store) replace(id string, version uint64, next func(old *entry) *entry) error {
	err := store.ErrConflict
	s.cache.ComputeIfPresent(id, func(old *entry) (*entry, otter.ComputeOp) {
		if old.version != version || !old.live(time.Now()) {
			return nil, otter.CancelOp
		}
		err = nil
		e := next(old)
		if e == nil {
			return nil, otter.CancelOp
		}
		s.index.add(e)
		return e, otter.WriteOp
	})
	return err
}

// List yields the live records of a subject. Listing a record does not protect
// it from eviction.
func (s *Store) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for _, id := range s.index.ids(subject) {
			if ctx.Err() != nil {
				break
			}
			e, ok := s.cache.GetEntryQuietly(id)
			if !ok || e.Value.subject != subject || !e.Value.live(time.Now()) {
				continue
			}
			if !yield(e.Value.record(), nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(store.Record{}, err)
		}
	}
}
