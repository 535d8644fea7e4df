package memstore

import (
	"sync"
	"time"

	"github.com/gosessions/sessions/store"
)

const shardCount = 64

// shard holds the records whose ids hash to it, and the records of the
// subjects that do. The lock of a record's shard comes before that of a
// subject's.
type shard struct {
	mu      sync.RWMutex
	records map[string]*entry
	order   []*entry // the same, for the hand that goes round and looks for what has expired
	hand    int      // goes down: it has passed those from here on

	subjectMu sync.Mutex
	subjects  map[string]*entry // the first of each
}

// entry is a record, and its places. Its id never changes.
type entry struct {
	store.Record

	at int // in the shard's order, under its lock

	before, after *entry // of the same subject, under that one's lock
}

func (e *entry) expired(now time.Time) bool { return !now.Before(e.Expires) }

// add needs the shard's lock.
func (sh *shard) add(e *entry) {
	if sh.records == nil {
		sh.records = make(map[string]*entry)
	}
	sh.records[e.ID] = e
	e.at = len(sh.order)
	sh.order = append(sh.order, e)
}

// remove needs the shard's lock. The last of the order takes the place, which
// the hand has passed, or else passes once more.
func (sh *shard) remove(e *entry) {
	delete(sh.records, e.ID)
	end := len(sh.order) - 1
	last := sh.order[end]
	sh.order[e.at], last.at = last, e.at
	sh.order[end] = nil
	sh.order = sh.order[:end]
}

// drop removes a record; it needs the shard's lock.
func (s *Store) drop(sh *shard, e *entry) {
	sh.remove(e)
	s.unindex(e)
	s.count.Add(-1)
}
