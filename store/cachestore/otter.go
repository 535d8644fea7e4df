package cachestore

import (
	"context"
	"math"

	"github.com/maypok86/otter/v2"
)

// inProcess is the cache that comes with the package. It cannot fail.
type inProcess struct{ entries *otter.Cache[string, *Entry] }

// overhead is the memory of an entry besides its texts and data, in bytes,
// about.
const overhead = 280

func newInProcess(maxBytes int64) (*inProcess, error) {
	entries, err := otter.New(&otter.Options[string, *Entry]{
		MaximumWeight: uint64(maxBytes),
		Weigher: func(_ string, e *Entry) uint32 {
			r := &e.Record
			return uint32(min(uint64(overhead+len(r.ID)+len(r.Subject)+len(r.Data)), math.MaxUint32))
		},
	})
	return &inProcess{entries}, err
}

func (c *inProcess) Get(_ context.Context, id string) (Entry, bool, error) {
	e, ok := c.entries.GetIfPresent(id)
	if !ok {
		return Entry{}, false, nil
	}
	return *e, true, nil
}

func (c *inProcess) Set(_ context.Context, e Entry) error {
	c.entries.Set(e.Record.ID, &e)
	return nil
}

func (c *inProcess) Delete(_ context.Context, id string) error {
	c.entries.Invalidate(id)
	return nil
}
