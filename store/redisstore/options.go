package redisstore

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/redis/rueidis"
)

// DefaultPrefix begins all keys if Options.Prefix is empty.
const DefaultPrefix = "sessions:"

// Options say where the records are.
type Options struct {
	// Prefix begins all keys: a record's is the prefix, "id:" and the id, an
	// index's the prefix, "subject:" and the subject. The default is
	// [DefaultPrefix]. Applications that share a database have one each. In a
	// cluster the keys are spread over all nodes; a hash tag in the prefix, such
	// as "{sessions}:", would put them all on one and is not needed.
	Prefix string

	// Cache is for how long a record may be read from this process's memory
	// instead of from the server. If zero, there is no cache. The section
	// "Caching" of the package documentation says what is promised. The store
	// remembers the IDs that it has written for at most twice as long.
	Cache time.Duration
}

// New returns a store that keeps its records by a client, which stays the
// caller's, to close as well. New only checks the options, and returns all
// that is wrong with them in one error; it asks the server nothing.
func New(client rueidis.Client, opts Options) (*Store, error) {
	var faults []error
	if client == nil {
		faults = append(faults, errors.New("client is nil: make one with rueidis.NewClient"))
	}
	if opts.Cache < 0 {
		faults = append(faults, fmt.Errorf("Options.Cache is %v: zero, or how long a record may be cached", opts.Cache))
	}
	if opts.Cache > 0 && opts.Cache < time.Millisecond {
		faults = append(faults, fmt.Errorf("Options.Cache is %v: the client counts milliseconds", opts.Cache))
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("redisstore: %w", errors.Join(faults...))
	}
	prefix := cmp.Or(opts.Prefix, DefaultPrefix)
	return &Store{
		client:  client,
		records: prefix + "id:",
		owners:  prefix + "subject:",
		scripts: newScripts(),
		near:    newNear(opts.Cache),
	}, nil
}
