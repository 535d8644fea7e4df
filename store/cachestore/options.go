package cachestore

import (
	"errors"
	"fmt"
	"time"

	"github.com/gosessions/sessions/store"
)

const (
	// DefaultMaxBytes is the bound of the cache if Options has none: 64 MiB.
	DefaultMaxBytes = 64 << 20
	// DefaultMaxStale is the bound of staleness with a Channel, if Options has
	// none.
	DefaultMaxStale = time.Minute
)

// Options say what may be stale, and how it is cached.
type Options struct {
	// MaxStale is how long at most this process may serve a record that
	// another process has changed or deleted. With a Channel the default is
	// [DefaultMaxStale]; without one it is required. A program that is the only
	// one to write the backend may set a day.
	MaxStale time.Duration

	// Channel, if set, tells other processes of writes, and this one of
	// theirs. The cache is used only while Store.Listen runs.
	Channel Channel

	// Cache keeps the entries. The default is a cache in this process that
	// MaxBytes bounds, github.com/maypok86/otter.
	Cache Cache

	// MaxBytes bounds the memory of that cache, in bytes. The default is
	// [DefaultMaxBytes].
	MaxBytes int64

	// OnError, if set, is called with each error of the cache and of the
	// channel, none of which fails a request. It must be quick, must not call
	// the Store's methods but Stats, and may be called by many goroutines.
	OnError func(error)
}

// resolve fills in defaults, or returns all faults in one error.
func (o Options) resolve(backend store.Store) (Options, error) {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if backend == nil {
		fault("the store is nil: give one to put a cache in front of")
	}
	switch {
	case o.MaxStale < 0:
		fault("Options.MaxStale is %v: set how long a session may be served that was ended elsewhere", o.MaxStale)
	case o.MaxStale == 0 && o.Channel == nil:
		fault("Options.MaxStale is zero: set how long a session may be served that was ended elsewhere, or set Channel")
	case o.MaxStale == 0:
		o.MaxStale = DefaultMaxStale
	}
	if o.MaxBytes < 0 {
		fault("Options.MaxBytes is %d: set a number of bytes, or zero for %d", o.MaxBytes, DefaultMaxBytes)
	}
	if o.Cache != nil && o.MaxBytes != 0 {
		fault("Options.MaxBytes is %d: a Cache of your own has its own bound", o.MaxBytes)
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if len(faults) > 0 {
		return o, fmt.Errorf("cachestore: %w", errors.Join(faults...))
	}
	if o.Cache == nil {
		cache, err := newInProcess(o.MaxBytes)
		if err != nil {
			return o, fmt.Errorf("cachestore: %w", err)
		}
		o.Cache = cache
	}
	return o, nil
}
