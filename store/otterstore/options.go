package otterstore

import (
	"errors"
	"fmt"
)

// DefaultMaxBytes is the bound if Options has none: 256 MiB.
const DefaultMaxBytes = 256 << 20

// Options bound the store. The zero Options bound it by DefaultMaxBytes.
type Options struct {
	// MaxBytes bounds the memory of all records, in bytes: ID, subject, data and
	// an estimate of the store's own memory. The garbage collector needs memory
	// in addition. The default is [DefaultMaxBytes], unless MaxRecords is set.
	MaxBytes int64

	// MaxRecords bounds how many records are kept, whatever their size,
	// instead of MaxBytes.
	MaxRecords int

	// OnEvict, if set, is called for each live record that is evicted, with
	// its id, which is no credential. It runs just before the record is gone,
	// on any goroutine, while the store holds locks: it must be quick, and must
	// not call the store.
	OnEvict func(id string)
}

// resolve fills in the default, or returns all faults in one error.
func (o Options) resolve() (Options, error) {
	var faults []error
	if o.MaxBytes < 0 {
		faults = append(faults, fmt.Errorf("Options.MaxBytes is %d: set a number of bytes, or zero for %d", o.MaxBytes, DefaultMaxBytes))
	}
	if o.MaxRecords < 0 {
		faults = append(faults, fmt.Errorf("Options.MaxRecords is %d: set a number of records, or zero to bound bytes", o.MaxRecords))
	}
	if o.MaxBytes > 0 && o.MaxRecords > 0 {
		faults = append(faults, errors.New("Options has MaxBytes and MaxRecords: set one of them"))
	}
	if len(faults) > 0 {
		return o, fmt.Errorf("otterstore: %w", errors.Join(faults...))
	}
	if o.MaxBytes == 0 && o.MaxRecords == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	return o, nil
}
