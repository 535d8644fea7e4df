package store

import (
	"context"
	"errors"
)

// Sweeper is a store whose backend does not remove expired records by itself.
type Sweeper interface {
	Store
	// Sweep removes up to limit expired records and says how many it
	// removed. Fewer than limit means that nothing expired was left. It
	// never removes a live record.
	Sweep(ctx context.Context, limit int) (int, error)
}

// Sweep removes up to limit expired records from a store that is a Sweeper.
// For any other it returns errors.ErrUnsupported: its backend collects them.
func Sweep(ctx context.Context, st Store, limit int) (int, error) {
	if s, ok := st.(Sweeper); ok {
		return s.Sweep(ctx, limit)
	}
	return 0, errors.ErrUnsupported
}
