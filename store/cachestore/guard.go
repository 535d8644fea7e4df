package cachestore

import (
	"context"
	"fmt"
	"hash/maphash"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gosessions/sessions/store"
)

// stripe guards the entries of the ids that hash to it. What came from the
// backend is let into the cache only if none of these ids was changed since
// the call to the backend began: else the call may have read what was there
// before, and would bring it back.
type stripe struct {
	mu      sync.Mutex
	changes uint64
}

// stripes are many, because a change of one id turns away what other ids of
// its stripe would have had cached.
const stripes = 1024

// ticket is taken before the backend is called.
type ticket struct {
	stripe  *stripe
	changes uint64
	epoch   uint64
	at      time.Time
}

func (s *Store) stripe(id string) *stripe {
	return &s.stripes[maphash.String(s.seed, id)%stripes]
}

func (s *Store) begin(id string) ticket {
	t := ticket{stripe: s.stripe(id), epoch: s.epoch.Load(), at: time.Now()}
	t.stripe.mu.Lock()
	defer t.stripe.mu.Unlock()
	t.changes = t.stripe.changes
	return t
}

// valid needs the stripe's lock.
func (s *Store) valid(t ticket) bool {
	return t.epoch != 0 && t.epoch == s.epoch.Load() && t.changes == t.stripe.changes
}

// admit caches what a load has found, unless it may be what was there before
// a change.
func (s *Store) admit(ctx context.Context, t ticket, r store.Record) {
	t.stripe.mu.Lock()
	defer t.stripe.mu.Unlock()
	if !cacheable(r) {
		return
	}
	if !s.valid(t) {
		s.refused.Add(1)
		return
	}
	if e, ok := s.get(ctx, r.ID); ok && e.Epoch == t.epoch && e.Since.After(t.at) {
		return // a load that began later was faster
	}
	if err := s.opts.Cache.Set(ctx, Entry{Record: r, Since: t.at, Epoch: t.epoch}); err != nil {
		s.failed("set", err)
	}
}

// wrote caches what the backend has acknowledged, before the caller hears of
// it.
func (s *Store) wrote(ctx context.Context, t ticket, r store.Record) {
	t.stripe.mu.Lock()
	defer t.stripe.mu.Unlock()
	valid := s.valid(t)
	t.stripe.changes++
	s.replace(ctx, r.ID, valid && cacheable(r), Entry{Record: r, Since: t.at, Epoch: t.epoch})
}

// cacheable reports whether a cache that writes entries down as text, such as
// JSON, gives back the same subject.
func cacheable(r store.Record) bool { return utf8.ValidString(r.Subject) }

// touched moves the expiry of what is cached, if that is what was touched.
func (s *Store) touched(ctx context.Context, t ticket, id string, version uint64, expires time.Time) {
	t.stripe.mu.Lock()
	defer t.stripe.mu.Unlock()
	e, ok := s.get(ctx, id)
	same := ok && s.valid(t) && e.Epoch == t.epoch && e.Record.Version == version
	t.stripe.changes++
	if expires.After(e.Record.Expires) {
		e.Record.Expires = expires
	}
	s.replace(ctx, id, same, e)
}

// forget drops what is cached, and turns away the loads that are under way.
func (s *Store) forget(ctx context.Context, id string) {
	st := s.stripe(id)
	st.mu.Lock()
	defer st.mu.Unlock()
	st.changes++
	s.replace(ctx, id, false, Entry{})
}

// replace sets the entry of an id, or else removes it. It needs the stripe's
// lock. It does its work even if the caller has gone.
func (s *Store) replace(ctx context.Context, id string, keep bool, e Entry) {
	ctx = context.WithoutCancel(ctx)
	if keep {
		err := s.opts.Cache.Set(ctx, e)
		if err == nil {
			return
		}
		s.failed("set", err)
	}
	if err := s.opts.Cache.Delete(ctx, id); err != nil {
		s.failed("delete", err)
		s.renounce()
	}
}

// get counts a failure of the cache.
func (s *Store) get(ctx context.Context, id string) (Entry, bool) {
	e, ok, err := s.opts.Cache.Get(ctx, id)
	if err != nil {
		s.failed("get", err)
		return Entry{}, false
	}
	return e, ok
}

// renounce makes all that is cached worth nothing.
func (s *Store) renounce() { s.turn(func(used bool) bool { return used }) }

// pause does too, and stops using the cache.
func (s *Store) pause() { s.turn(func(bool) bool { return false }) }

// resume begins to use the cache, with nothing in it.
func (s *Store) resume() { s.turn(func(bool) bool { return true }) }

// turn begins a new epoch: that of an unused cache is 0.
func (s *Store) turn(use func(used bool) bool) {
	s.turning.Lock()
	defer s.turning.Unlock()
	if !use(s.epoch.Load() != 0) {
		s.epoch.Store(0)
		return
	}
	if s.lastEpoch++; s.lastEpoch == 0 {
		s.lastEpoch++
	}
	s.epoch.Store(s.lastEpoch)
}

func (s *Store) failed(what string, err error) {
	s.failures.Add(1)
	if s.opts.OnError != nil {
		s.opts.OnError(fmt.Errorf("cachestore: %s: %w", what, err))
	}
}
