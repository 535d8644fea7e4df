package surrealstore

import (
	"context"
	"fmt"
	"iter"
	"sync/atomic"
	"time"

	surrealdb "github.com/surrealdb/surrealdb.go"
	"github.com/surrealdb/surrealdb.go/pkg/models"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/internal/pages"
)

// Store keeps records in a table of SurrealDB. It is safe for concurrent use,
// and any number of processes may use one table. It starts no goroutine.
type Store struct {
	db         *surrealdb.DB
	table      string
	statements statements
	wrote      atomic.Bool // a write has had an effect, so this user may write
}

var (
	_ store.Toucher = (*Store)(nil)
	_ store.Lister  = (*Store)(nil)
	_ store.Sweeper = (*Store)(nil)
)

const maxID = 128 // bytes of an id

func (s *Store) id(id string) models.RecordID { return models.NewRecordID(s.table, text(id)) }

// Create inserts a record. The id of an expired record is taken until it is
// swept.
func (s *Store) Create(ctx context.Context, r store.Record) error {
	if len(r.ID) == 0 || len(r.ID) > maxID {
		return fmt.Errorf("surrealstore: create: the id has %d bytes, want 1 to %d", len(r.ID), maxID)
	}
	written, err := query[[]any](ctx, s, s.statements.create,
		vars{"id": s.id(r.ID), "expires": r.Expires.UnixMilli(), "subject": text(r.Subject), "data": data(r.Data)})
	switch {
	case exists(err):
		return store.ErrExists
	case err == nil && len(written) == 0:
		err = errReadOnly
	}
	s.wrote.CompareAndSwap(false, err == nil)
	return s.fault("create", err)
}

// Load returns a record that is live by this process's clock.
func (s *Store) Load(ctx context.Context, id string) (store.Record, error) {
	r, err := s.load(ctx, id)
	switch {
	case err != nil:
		return store.Record{}, s.fault("load", err)
	case !time.Now().Before(r.Expires):
		return store.Record{}, store.ErrNotFound
	}
	return r, nil
}

// load asks the server; there is none for a record that has never expired.
func (s *Store) load(ctx context.Context, id string) (store.Record, error) {
	rows, err := again(ctx, func() ([]row, error) {
		return query[[]row](ctx, s, s.statements.load, vars{"id": s.id(id)})
	})
	if err != nil || len(rows) == 0 {
		return store.Record{}, err
	}
	return rows[0].record()
}

// Save replaces a live record of the same version.
func (s *Store) Save(ctx context.Context, r store.Record) error {
	return s.update(ctx, "save", s.statements.save, r)
}

// Touch moves the expiry of a live record of the same version, later only.
func (s *Store) Touch(ctx context.Context, id string, version uint64, expires time.Time) error {
	return s.update(ctx, "touch", s.statements.touch, store.Record{ID: id, Version: version, Expires: expires})
}

// update changes a record that is live and at a version.
func (s *Store) update(ctx context.Context, op, statement string, r store.Record) error {
	written, err := query[[]any](ctx, s, statement, vars{
		"id": s.id(r.ID), "version": int64(r.Version), // no record has what is then negative
		"now":     time.Now().UnixMilli(),
		"expires": r.Expires.UnixMilli(), "subject": text(r.Subject), "data": data(r.Data),
	})
	if err == nil && len(written) == 0 {
		if s.wrote.Load() {
			return store.ErrConflict
		}
		if err = s.refused(ctx, r.ID, r.Version); err == nil {
			return store.ErrConflict
		}
	}
	s.wrote.CompareAndSwap(false, err == nil)
	return s.fault(op, err)
}

// Delete removes a record, if it is there.
func (s *Store) Delete(ctx context.Context, id string) error {
	removed, err := query[[]any](ctx, s, s.statements.remove, vars{"id": s.id(id)})
	if err == nil && len(removed) == 0 { // always, for a logout has to be final
		return s.fault("delete", s.refused(ctx, id, 0))
	}
	s.wrote.CompareAndSwap(false, err == nil)
	return s.fault("delete", err)
}

// refused looks at a record that a write has passed over. The server passes
// over all records, without an error, if the user may only read: errReadOnly.
// Version 0 is any.
func (s *Store) refused(ctx context.Context, id string, version uint64) error {
	r, err := s.load(ctx, id)
	if err == nil && r.ID != "" && (version == 0 || version == r.Version && time.Now().Before(r.Expires)) {
		return errReadOnly
	}
	return err
}

// List yields the live records of a subject by id, a hundred in one round
// trip.
func (s *Store) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return pages.List(subject, func(r store.Record) string { return r.ID }, func(after string) ([]store.Record, error) {
		rows, err := again(ctx, func() ([]row, error) {
			return query[[]row](ctx, s, s.statements.list, vars{"subject": text(subject), "now": time.Now().UnixMilli(), "after": s.id(after)})
		})
		records := make([]store.Record, len(rows))
		for i := 0; i < len(rows) && err == nil; i++ {
			records[i], err = rows[i].record()
		}
		return records, s.fault("list", err)
	})
}

// Sweep removes up to limit expired records, in one transaction.
func (s *Store) Sweep(ctx context.Context, limit int) (int, error) {
	if limit <= 0 {
		return 0, ctx.Err()
	}
	removed, err := query[[]any](ctx, s, s.statements.sweep, vars{"now": time.Now().UnixMilli(), "limit": limit})
	return len(removed), s.fault("sweep", err)
}
