package store

import (
	"context"
	"errors"
)

// Refresher is a store whose Load may return a record that another process has
// changed or deleted in the meantime, because it keeps records in memory.
type Refresher interface {
	Store

	// Refresh is like Load, but sees every write of any process that returned
	// before Refresh was called.
	Refresh(ctx context.Context, id string) (Record, error)
}

// Refresh returns a record with the Refresh method of st. If st has none, it
// uses Load.
func Refresh(ctx context.Context, st Store, id string) (Record, error) {
	if f, ok := st.(Refresher); ok {
		if r, err := f.Refresh(ctx, id); !errors.Is(err, errors.ErrUnsupported) {
			return r, err
		}
	}
	return st.Load(ctx, id)
}
