package store

import (
	"context"
	"errors"
)

// Sweeper is a store whose backend does not remove expired records.
type Sweeper interface {
	Store

	// Sweep removes up to limit expired records and returns how many it
	// removed. If it removed fewer than limit, no expired record was left. It
	// never removes a live record.
	Sweep(ctx context.Context, limit int) (int, error)
}

// Sweep removes expired records with the Sweep method of st. If st is not a
// [Sweeper], it returns [errors.ErrUnsupported]: the backend removes them.
func Sweep(ctx context.Context, st Store, limit int) (int, error) {
	if s, ok := st.(Sweeper); ok {
		return s.Sweep(ctx, limit)
	}
	return 0, errors.ErrUnsupported
}
