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
	// changes nothing. It returns ErrConflict if the record is missing,
	// expired or at another version, and never creates or revives one.
	Touch(ctx context.Context, id string, version uint64, expires time.Time) error
}

// Touch moves the expiry of a record at a version, later only, by the store's
// own Touch or else by Load and Save. The fallback raises the version, so a
// save that is under way meanwhile meets a conflict and has to be tried again.
func Touch(ctx context.Context, st Store, id string, version uint64, expires time.Time) error {
	if t, ok := st.(Toucher); ok {
		if err := t.Touch(ctx, id, version, expires); !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	r, err := st.Load(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound) || err == nil && r.Version != version:
		return ErrConflict
	case err != nil:
		return err
	case !expires.After(r.Expires):
		return nil
	}
	r.Expires = expires
	return st.Save(ctx, r)
}
