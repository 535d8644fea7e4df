package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"math"
	"sync/atomic"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/internal/pages"
	"github.com/gosessions/sessions/store/internal/sqlfault"
)

// Store keeps records in a table of an SQL database. It is safe for
// concurrent use, and any number of processes may use one table. The
// statements that it prepares are closed with the database.
type Store struct {
	db       *sql.DB
	on       executor // db, or a connection to it
	dialect  dialect
	faults   sqlfault.Store
	settings *sqlfault.MySQLSettings // nil except for MySQL
	swept    atomic.Int64            // where the last full batch of a Sweep has ended

	create, load, save, remove, touch, sweep, list statement
}

var (
	_ store.Toucher = (*Store)(nil)
	_ store.Sweeper = (*Store)(nil)
	_ store.Lister  = (*Store)(nil)
)

const maxID = 128 // bytes of an id

// Create inserts a record. The id of an expired record that was not swept yet
// is taken.
func (s *Store) Create(ctx context.Context, r store.Record) error {
	if len(r.ID) == 0 || len(r.ID) > maxID {
		return fmt.Errorf("sqlstore: create: the id has %d bytes, want 1 to %d", len(r.ID), maxID)
	}
	result, err := s.exec(ctx, "create", &s.create,
		s.dialect.text(r.ID), r.Expires.UnixMilli(), s.dialect.text(r.Subject), content(r.Data))
	if err != nil {
		return err
	}
	if s.dialect.byInsertID {
		return tell("create", result.LastInsertId, func(version int64) bool { return version == 0 }, store.ErrExists)
	}
	return tell("create", result.RowsAffected, one, store.ErrExists)
}

// Load returns a record that is live by this process's clock.
func (s *Store) Load(ctx context.Context, id string) (store.Record, error) {
	var r store.Record
	err := s.query(ctx, "load", &s.load, func(rows *sql.Rows) error {
		r = store.Record{}
		for rows.Next() {
			var expires int64
			var subject sql.NullString // servers of libSQL may send an empty blob as NULL
			if err := rows.Scan(&r.Version, &expires, &subject, &r.Data); err != nil {
				return err
			}
			r.ID, r.Expires, r.Subject = id, time.UnixMilli(expires), subject.String
		}
		return nil
	}, s.dialect.text(id), time.Now().UnixMilli())
	switch {
	case err != nil:
		return store.Record{}, err
	case r.ID == "":
		return store.Record{}, store.ErrNotFound
	}
	return r, nil
}

// Save replaces a live record of the same version.
func (s *Store) Save(ctx context.Context, r store.Record) error {
	// A version beyond int64 turns negative here, and no record has that.
	result, err := s.exec(ctx, "save", &s.save,
		r.Expires.UnixMilli(), s.dialect.text(r.Subject), content(r.Data), s.dialect.text(r.ID), int64(r.Version), time.Now().UnixMilli())
	if err != nil {
		return err
	}
	return tell("save", result.RowsAffected, one, store.ErrConflict)
}

// Delete removes a record, if it is there.
func (s *Store) Delete(ctx context.Context, id string) error {
	_, err := s.exec(ctx, "delete", &s.remove, s.dialect.text(id))
	return err
}

// Touch moves the expiry of a live record of the same version, later only.
func (s *Store) Touch(ctx context.Context, id string, version uint64, expires time.Time) error {
	result, err := s.exec(ctx, "touch", &s.touch,
		expires.UnixMilli(), s.dialect.text(id), int64(version), time.Now().UnixMilli())
	if err != nil {
		return err
	}
	if s.dialect.byInsertID {
		return tell("touch", result.LastInsertId, func(version int64) bool { return version != 0 }, store.ErrConflict)
	}
	return tell("touch", result.RowsAffected, one, store.ErrConflict)
}

// Sweep removes up to limit expired records, those first that expired first.
// Each statement looks at up to limit records; a thousand take some
// milliseconds. In PostgreSQL, Sweep also looks once at each record whose
// expiry has moved, so it may take several statements.
func (s *Store) Sweep(ctx context.Context, limit int) (removed int, err error) {
	if limit <= 0 {
		return 0, ctx.Err()
	}
	for now := time.Now().UnixMilli(); ; {
		gone, full, err := s.sweepBatch(ctx, now, limit-removed)
		removed += gone
		if err != nil || removed == limit {
			return removed, err
		}
		// Others may have written earlier expiries, or held records in the
		// meantime: nothing is left only if nothing is from the beginning on.
		if !full && s.swept.Swap(beginning) == beginning {
			return removed, nil
		}
	}
}

// beginning is before any expiry. The least int64 would be no literal of a
// bigint in PostgreSQL.
const beginning = -math.MaxInt64

// sweepBatch looks at up to limit records, and reports whether there were as
// many. In PostgreSQL it begins where the last batch has ended: as long as a
// transaction may still see removed records, the index keeps their entries, and
// to walk over all of them in each batch would cost their square.
func (s *Store) sweepBatch(ctx context.Context, now int64, limit int) (gone int, full bool, err error) {
	if !s.dialect.sweepReports {
		result, err := s.exec(ctx, "sweep", &s.sweep, now, limit)
		if err != nil {
			return 0, false, err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return 0, false, fmt.Errorf("sqlstore: sweep: %w", err)
		}
		return int(n), int(n) == limit, nil
	}
	seen, last := 0, sql.NullInt64{}
	err = s.query(ctx, "sweep", &s.sweep, func(rows *sql.Rows) error {
		for rows.Next() {
			if err := rows.Scan(&gone, &seen, &last); err != nil {
				return err
			}
		}
		return nil
	}, now, limit, s.swept.Load())
	if err != nil {
		return 0, false, err
	}
	if full = seen == limit; full {
		s.swept.Store(last.Int64)
	}
	return gone, full, nil
}

// List yields the live records of a subject, ordered by id. It reads a
// hundred at a time, and holds no connection while the caller works on them.
func (s *Store) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return pages.List(subject, func(r store.Record) string { return r.ID }, func(after string) ([]store.Record, error) {
		return s.listAfter(ctx, subject, after)
	})
}

func (s *Store) listAfter(ctx context.Context, subject, after string) (records []store.Record, err error) {
	err = s.query(ctx, "list", &s.list, func(rows *sql.Rows) error {
		records = nil
		for rows.Next() {
			r, expires := store.Record{Subject: subject}, int64(0)
			if err := rows.Scan(&r.ID, &r.Version, &expires, &r.Data); err != nil {
				return err
			}
			r.Expires = time.UnixMilli(expires)
			records = append(records, r)
		}
		return nil
	}, s.dialect.text(subject), time.Now().UnixMilli(), s.dialect.text(after), pages.Size)
	return records, err
}

// tell returns otherwise unless a statement's answer is as it should be.
func tell(op string, answer func() (int64, error), good func(int64) bool, otherwise error) error {
	switch n, err := answer(); {
	case err != nil:
		return fmt.Errorf("sqlstore: %s: %w", op, err)
	case !good(n):
		return otherwise
	}
	return nil
}

func one(rows int64) bool { return rows == 1 }

// content makes no data empty data, for NULL is neither.
func content(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}
