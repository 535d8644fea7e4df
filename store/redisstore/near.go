package redisstore

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/store"
)

// near reads records from the client's memory, which the server's messages
// clear when a record is changed. Such a message may come later than the
// answer to this process's own write, so near remembers what the process has
// written for as long as the memory may hold what was before it, and what is
// older than that is not believed.
type near struct {
	life time.Duration // of what is in the client's memory

	mu       sync.RWMutex
	now, old map[string]seen // by id; old goes when now is as old as life
	since    time.Time       // of now
}

// seen is the least that a record must be.
type seen struct {
	version uint64
	expires int64 // milliseconds
}

func (a seen) less(b seen) bool {
	return a.version < b.version || a.version == b.version && a.expires < b.expires
}

func newNear(life time.Duration) *near {
	if life == 0 {
		return nil
	}
	return &near{life: life, now: make(map[string]seen), since: time.Now()}
}

// wrote notes a write that may have happened: whoever loads from now on sees
// at least it. Version [math.MaxUint64] means that the record is gone.
func (n *near) wrote(id string, version uint64, expires int64) {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if t := time.Now(); t.Sub(n.since) > n.life {
		n.now, n.old, n.since = make(map[string]seen), n.now, t
	}
	least := seen{version, expires}
	for _, m := range []map[string]seen{n.now, n.old} {
		if was, ok := m[id]; ok && least.less(was) {
			least = was
		}
	}
	n.now[id] = least
}

// believes reports whether a record may be as it is at the server. Version 0
// stands for none.
func (n *near) believes(id string, version uint64, expires int64) bool {
	n.mu.RLock()
	defer n.mu.RUnlock()
	for _, m := range []map[string]seen{n.now, n.old} {
		if least, ok := m[id]; ok && (least.version == math.MaxUint64 || seen{version, expires}.less(least)) {
			return false
		}
	}
	return true
}

// loadNear returns a record from the client's memory or, if it is not there,
// by way of it from the server. It is not ok if the server must be asked.
func (s *Store) loadNear(ctx context.Context, id string) (r store.Record, ok bool, err error) {
	if s.near == nil {
		return r, false, nil
	}
	if err := ctx.Err(); err != nil {
		return r, false, err
	}
	get := s.client.B().Get().Key(s.records + id).Cache().ToStaticTTL()
	value, err := s.client.DoCache(ctx, get, s.near.life).AsBytes()
	switch {
	case rueidis.IsRedisNil(err):
		return r, s.near.believes(id, 0, 0), nil
	case err != nil && lasting(ctx, err):
		return r, false, err
	case err != nil: // the connection was lost, or somebody has gone who had asked for this record first
		return r, false, nil
	}
	if r, _, err = decode(id, value); err != nil {
		return r, false, err
	}
	return r, s.near.believes(id, r.Version, r.Expires.UnixMilli()), nil
}
