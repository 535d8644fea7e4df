package memstore

import (
	"context"
	"time"
)

const (
	// looked is how many records Sweep looks at before it releases the lock
	// for a moment.
	looked = 100
	// tidied is how many records Create looks at.
	tidied = 4
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

// tidy removes the expired ones among a few records of the shard, chosen at
// random. Each Create adds one record and looks at several, so expired records
// stay a minority although nobody sweeps. The caller holds the lock.
func (s *Store) tidy(sh *shard, now time.Time) {
	left := tidied
	for id, e := range sh.records { // starts at a random record
		if left--; left < 0 {
			break
		}
		if e.expired(now) {
			s.drop(sh, id, e)
		}
	}
}
