package otterstore

import (
	"math"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/gosessions/sessions/store"
)

// entry is one record in the cache. It is immutable, except for its links to
// the other entries of its subject.
type entry struct {
	id      string
	subject string
	data    []byte
	version uint64
	expires int64 // milliseconds since 1970

	previous, next *entry // of the same subject, guarded by its shard's lock
}

// overhead is the memory of a record without its texts and data, in bytes,
// measured with a million records.
const overhead = 260

func (e *entry) weight() int64 {
	return int64(overhead + len(e.id) + len(e.subject) + len(e.data))
}

func (e *entry) live(now time.Time) bool { return now.UnixMilli() < e.expires }

func (e *entry) record() store.Record {
	return store.Record{
		ID: e.id, Version: e.version, Expires: time.UnixMilli(e.expires), Subject: e.subject, Data: e.data,
	}
}

func newEntry(r store.Record, version uint64) *entry {
	return &entry{id: r.ID, subject: r.Subject, data: r.Data, version: version, expires: r.Expires.UnixMilli()}
}

// weigh is the weigher of the cache.
func weigh(_ string, e *entry) uint32 { return uint32(min(e.weight(), math.MaxUint32)) }

// untilExpiry returns how long the cache keeps an entry.
func untilExpiry(e otter.Entry[string, *entry]) time.Duration {
	return max(time.Until(time.UnixMilli(e.Value.expires)), 1)
}

// clock has no ticks. With ticks, otter would run a goroutine that removes
// expired entries while nothing is written.
type clock struct{}

func (clock) NowNano() int64                      { return time.Now().UnixNano() }
func (clock) Tick(time.Duration) <-chan time.Time { return nil }
