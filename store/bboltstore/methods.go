package bboltstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gosessions/sessions/store"
)

// Create inserts a record, in the place of an expired one if need be.
func (s *Store) Create(ctx context.Context, r store.Record) error {
	if err := checkID(r.ID); err != nil {
		return fmt.Errorf("bboltstore: %w", err)
	}
	r.Version = 1
	return s.update(ctx, func(t tables) (bool, error) {
		old, found, err := t.get(r.ID)
		switch {
		case err != nil:
			return false, err
		case found && !expired(old):
			return false, store.ErrExists
		}
		return true, t.put(old, r)
	})
}

// Load returns a live record.
func (s *Store) Load(ctx context.Context, id string) (r store.Record, err error) {
	found := false
	err = s.view(ctx, func(t tables) error {
		r, found, err = t.get(id)
		return err
	})
	switch {
	case err != nil:
		return store.Record{}, err
	case !found || expired(r):
		return store.Record{}, store.ErrNotFound
	}
	return r, nil
}

// Save replaces a live record of the same version.
func (s *Store) Save(ctx context.Context, r store.Record) error {
	return s.update(ctx, func(t tables) (bool, error) {
		old, err := t.at(r.ID, r.Version)
		if err != nil {
			return false, err
		}
		next := r // for the step may run again
		next.Version++
		return true, t.put(old, next)
	})
}

// Delete removes a record, if it is there, also one that cannot be read.
func (s *Store) Delete(ctx context.Context, id string) error {
	return s.update(ctx, func(t tables) (bool, error) {
		r, found, err := t.get(id)
		switch {
		case errors.Is(err, errFormat):
			return true, t.records.Delete([]byte(id)) // what leads to it leads nowhere then
		case err != nil || !found:
			return false, err
		}
		return true, t.drop(r)
	})
}

// Touch moves the expiry of a live record of the same version, later only.
func (s *Store) Touch(ctx context.Context, id string, version uint64, expires time.Time) error {
	return s.update(ctx, func(t tables) (bool, error) {
		old, err := t.at(id, version)
		if err != nil || !expires.After(old.Expires) {
			return false, err
		}
		r := old
		r.Expires = expires
		return true, t.put(old, r)
	})
}

// at returns a live record of a version, or ErrConflict.
func (t tables) at(id string, version uint64) (store.Record, error) {
	r, found, err := t.get(id)
	switch {
	case err != nil:
		return r, err
	case !found || r.Version != version || expired(r):
		return r, store.ErrConflict
	}
	return r, nil
}

// view reads in a transaction.
func (s *Store) view(ctx context.Context, read func(tables) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := guard(func() error {
		tx, err := s.db.Begin(false)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		return read(tablesOf(tx))
	})
	if err != nil {
		return fmt.Errorf("bboltstore: %w", explain(err))
	}
	return nil
}
