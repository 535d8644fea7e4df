package cachestore

import (
	"context"
	"time"

	"github.com/gosessions/sessions/store"
)

// Cache keeps entries for one Store, which shares it with no other. It may
// forget any entry at any time. Once Delete has returned nil, nothing that was
// set before is found. Calls come from many goroutines, those that change an
// id one after the other. An error never fails a request; a cache that is slow
// delays it.
type Cache interface {
	// Get returns the entry that was set last for the id, and whether there
	// is one.
	Get(ctx context.Context, id string) (Entry, bool, error)
	// Set keeps an entry under the id of its record, instead of any other. It
	// must not change the record's Data, which it may share.
	Set(ctx context.Context, e Entry) error
	// Delete removes the entry of an id, if it is there.
	Delete(ctx context.Context, id string) error
}

// Entry is what a Cache keeps. A cache that writes it down keeps all fields. The
// record's subject is UTF-8, and its Data is any bytes.
type Entry struct {
	Record store.Record
	Since  time.Time // the backend had the record at this time or later
	Epoch  uint64    // of the Store; entries of another are not served
}
