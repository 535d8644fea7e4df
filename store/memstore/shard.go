package memstore

import (
	"sync"
	"time"

	"github.com/gosessions/sessions/store"
)

const shardCount = 64

// shard holds the records whose IDs hash to it, and the places of the subjects
// that hash to it. The lock of a record's shard is taken before the lock of its
// subject's shard.
type shard struct {
	mu      sync.RWMutex
	records map[string]*entry // by ID

	subjectMu sync.Mutex
	subjects  map[string]*place // the first of each subject
}

// entry is a record without its ID, which is its key in the shard.
type entry struct {
	data    []byte
	version uint64
	expires int64  // milliseconds since 1970
	place   *place // nil without subject
}

func (e *entry) expired(now time.Time) bool { return now.UnixMilli() >= e.expires }

func (e *entry) subject() string {
	if e.place == nil {
		return ""
	}
	return e.place.subject
}

func (e *entry) record(id string) store.Record {
	return store.Record{
		ID: id, Version: e.version, Expires: time.UnixMilli(e.expires), Subject: e.subject(), Data: e.data,
	}
}

// drop removes a record. The caller holds the lock of the shard.
func (s *Store) drop(sh *shard, id string, e *entry) {
	delete(sh.records, id)
	s.unindex(e.place)
	s.count.Add(-1)
}
