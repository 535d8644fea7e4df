package store

import (
	"context"
	"errors"
	"iter"
)

// Lister is a store that finds records by subject.
type Lister interface {
	Store

	// List yields the live records of a subject in unspecified order, each
	// once and as Load would return it. The empty subject has no records.
	//
	// If an error occurs, List yields it with a zero Record. The caller may
	// continue or stop.
	List(ctx context.Context, subject string) iter.Seq2[Record, error]
}

// List yields the records of a subject with the List method of st. If st is
// not a [Lister], it yields [errors.ErrUnsupported] once.
func List(ctx context.Context, st Store, subject string) iter.Seq2[Record, error] {
	if l, ok := st.(Lister); ok {
		return l.List(ctx, subject)
	}
	return func(yield func(Record, error) bool) {
		yield(Record{}, errors.ErrUnsupported)
	}
}
