package store

import (
	"context"
	"errors"
	"time"
)

// Toucher is a store that can extend a record's expiry without rewriting the
// record.
type Toucher interface {
	Store

	// Touch sets the expiry of a live record at a version to expires, if that
	// is later than its expiry. An earlier time changes nothing. Version,
	// subject and data stay the same.
	//
	// Touch returns [ErrConflict] if the record is missing, expired or at
	// another version. It never creates a record or revives an expired one.
	Touch(ctx context.Context, id string, version uint64, expires time.Time) error
}

// Touch extends the expiry of a record at a version with the Touch method of
// st. If st has none, it uses Load and Save instead. Save raises the version,
// so a concurrent save of the old version returns [ErrConflict].
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
