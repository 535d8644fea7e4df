package store

import (
	"context"
	"errors"
	"time"
)

// Toucher is a store that can move a record's expiry without writing the
// record.
type Toucher interface {
	Store
	// Touch moves the expiry of a live record to expires if that is later,
	// and leaves version, subject and data as they are. An earlier time
	// changes nothing. It returns ErrNotFound where there is no live record,
	// and never creates or revives one.
	Touch(ctx context.Context, id string, expires time.Time) error
}

// Touch moves a record's expiry, later only, by the store's own Touch or else
// by Load and Save. The fallback raises the version, so a save that is under
// way meanwhile meets a conflict and has to be tried again.
func Touch(ctx context.Context, st Store, id string, expires time.Time) error {
	if t, ok := st.(Toucher); ok {
		return t.Touch(ctx, id, expires)
	}
	for {
		r, err := st.Load(ctx, id)
		if err != nil {
			return err
		}
		if !expires.After(r.Expires) {
			return nil
		}
		r.Expires = expires
		if err := st.Save(ctx, r); !errors.Is(err, ErrConflict) {
			return err
		}
	}
}
