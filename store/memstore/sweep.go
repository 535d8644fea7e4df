package memstore

import (
	"context"
	"time"
)

const (
	// looked is how many records a sweep looks at before it lets others have
	// the shard.
	looked = 200
	// tidied is how many a create looks at.
	tidied = 4
)

// Sweep removes up to limit expired records, one shard after the other, each
// time from where the last one ended. It holds a lock for some hundred records
// at a time, so that it delays others by microseconds, however many there are.
func (s *Store) Sweep(ctx context.Context, limit int) (int, error) {
	removed := 0
	// Each sweep goes round on its own, whatever others do meanwhile.
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

// sweep looks once at each record that the shard has when it begins, or until
// it has removed limit.
func (s *Store) sweep(ctx context.Context, sh *shard, limit int) (removed int, err error) {
	sh.mu.RLock()
	left := len(sh.records)
	sh.mu.RUnlock()
	for left > 0 && removed < limit {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		sh.mu.Lock()
		at, n := s.look(sh, time.Now(), min(left, looked), limit-removed)
		sh.mu.Unlock()
		removed += n
		if left -= at; at == 0 {
			break // others have removed the rest
		}
	}
	return removed, nil
}

// look moves the hand over at most so many records and drops up to limit of
// them that have expired. It says how many it has looked at and dropped. It
// needs the shard's lock.
func (s *Store) look(sh *shard, now time.Time, most, limit int) (at, dropped int) {
	for ; at < most && dropped < limit && len(sh.order) > 0; at++ {
		if sh.hand == 0 || sh.hand > len(sh.order) {
			sh.hand = len(sh.order)
		}
		sh.hand--
		if e := sh.order[sh.hand]; e.expired(now) {
			s.drop(sh, e)
			dropped++
		}
	}
	return at, dropped
}
