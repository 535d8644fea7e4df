package memstore

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	// looked is how many records Sweep looks at before it releases the lock
	// for a moment.
	looked = 100
	// tidied is how many records Create looks at.
	tidied = 4
	// crowded is how many records Create looks at if the store is full.
	crowded = 500
)

// Sweep removes up to limit expired records, one shard after the other. Each
// call starts with the shard where the last call stopped. Sweep holds a lock
// for a hundred records at a time, so it delays other calls by microseconds.
func (s *Store) Sweep(ctx context.Context, limit int) (int, error) {
	removed := 0
	// Each call goes through all shards, even if other calls sweep, too.
	for i, first := uint32(0), s.next.Load(); i < shardCount; i++ {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		s.next.Store(first + i)
		n, err := s.sweep(ctx, &s.shards[(first+i)%shardCount], limit-removed)
		removed += n
		if err != nil || removed >= limit {
			return removed, err
		}
	}
	return removed, nil
}

// sweep removes up to limit expired records of a shard. Other calls may change
// the map in the meantime; the loop yields every record that stays.
func (s *Store) sweep(ctx context.Context, sh *shard, limit int) (removed int, err error) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	now, seen := time.Now(), 0
	for id, e := range sh.records {
		if removed >= limit {
			break
		}
		if e.expired(now) {
			s.drop(sh, id, e)
			removed++
		}
		if seen++; seen%looked == 0 {
			sh.mu.Unlock()
			err := ctx.Err()
			sh.mu.Lock()
			if err != nil {
				return removed, err
			}
			now = time.Now()
		}
	}
	return removed, nil
}

// makeRoom removes the expired ones among a few records of several shards, for a
// store that is full. It holds a lock as long as Sweep does.
func (s *Store) makeRoom() {
	now, left := time.Now(), crowded
	for i, first := 0, rand.N(shardCount); i < shardCount && left > 0; i++ {
		sh := &s.shards[(first+i)%shardCount]
		sh.mu.Lock()
		left -= s.tidy(sh, now, min(left, looked))
		sh.mu.Unlock()
	}
}

// tidy removes the expired ones among a few records of the shard, chosen at
// random, and returns how many it has looked at. Each Create adds one record and
// looks at several, so expired records stay a minority although nobody sweeps.
// The caller holds the lock.
func (s *Store) tidy(sh *shard, now time.Time, most int) (seen int) {
	for id, e := range sh.records { // starts at a random record
		if seen == most {
			break
		}
		seen++
		if e.expired(now) {
			s.drop(sh, id, e)
		}
	}
	return seen
}
