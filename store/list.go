package store

import (
	"context"
	"errors"
	"iter"
)

// Lister is a store that finds records by their subject.
type Lister interface {
	Store
	// List yields the live records of a subject, in no set order, each as
	// Load would return it. The empty subject has none. An error is yielded
	// with a zero Record; the caller may go on or stop.
	List(ctx context.Context, subject string) iter.Seq2[Record, error]
}

// List yields a subject's records from a store that is a Lister. For any
// other it yields errors.ErrUnsupported once.
func List(ctx context.Context, st Store, subject string) iter.Seq2[Record, error] {
	if l, ok := st.(Lister); ok {
		return l.List(ctx, subject)
	}
	return func(yield func(Record, error) bool) {
		yield(Record{}, errors.ErrUnsupported)
	}
}
