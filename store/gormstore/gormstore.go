package gormstore

import (
	"context"
	"fmt"
	"iter"
	"math"
	"reflect"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/internal/pages"
	"github.com/gosessions/sessions/store/internal/sqlfault"
)

// Store keeps records in the table of a GORM model. It is safe for concurrent
// use, and any number of processes may use one table.
type Store struct {
	db       *gorm.DB
	dialect  dialect
	faults   sqlfault.Store
	settings *sqlfault.MySQLSettings // nil except for MySQL
	swept    atomic.Int64            // where the next Sweep begins
	columns  func(context.Context, store.Record) (map[string]any, error)

	model  reflect.Type // a struct
	schema *schema.Schema

	id, version, expires, subject, data string // columns
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
		return fmt.Errorf("gormstore: create: the id has %d bytes, want 1 to %d", len(r.ID), maxID)
	}
	r.Version = 1
	m, _, err := s.filled(ctx, r)
	if err != nil {
		return fmt.Errorf("gormstore: create: %w", err)
	}
	made := false
	err = s.write(ctx, "create", r, func() error {
		done := s.dialect.insert(s.begin(ctx), s.id).Create(m)
		if done.Error != nil && s.dialect.taken(done.Error) {
			return nil
		}
		made = done.RowsAffected == 1
		return done.Error
	})
	if err == nil && !made {
		return store.ErrExists
	}
	return err
}

// Load returns a record that is live by this process's clock.
func (s *Store) Load(ctx context.Context, id string) (store.Record, error) {
	found := store.Record{}
	err := s.faults.Retry(ctx, "load", func() error {
		m := s.fresh()
		done := s.begin(ctx).Clauses(where(s.is(id), s.live())).Session(&gorm.Session{SkipHooks: true}).
			Select(s.version, s.expires, s.subject, s.data).Limit(1).Find(m)
		if done.Error == nil && done.RowsAffected == 1 {
			found = m.record().stored()
			found.ID = id
		}
		return done.Error
	})
	if err == nil && found.ID == "" {
		err = store.ErrNotFound
	}
	return found, err
}

// Save replaces a live record of the same version, in one statement with the
// columns of Options.Columns.
func (s *Store) Save(ctx context.Context, r store.Record) error {
	at := int64(r.Version) // a version beyond int64 turns negative, and no record has that
	r.Version++
	m, set, err := s.filled(ctx, r)
	if err != nil {
		return fmt.Errorf("gormstore: save: %w", err)
	}
	set[s.version] = gorm.Expr("? + 1", column(s.version))
	set[s.expires], set[s.subject], set[s.data] = m.record().Expires, m.record().Subject, m.record().Data
	saved := false
	err = s.write(ctx, "save", r, func() error {
		done := s.begin(ctx).Model(m).Clauses(where(s.is(r.ID), clause.Eq{Column: column(s.version), Value: at}, s.live())).Updates(set)
		saved = done.RowsAffected == 1
		return done.Error
	})
	if err == nil && !saved {
		return store.ErrConflict
	}
	return err
}

// Delete removes a record, if it is there, also where the model has a column
// for soft deletes.
func (s *Store) Delete(ctx context.Context, id string) error {
	return s.write(ctx, "delete", store.Record{ID: id}, func() error {
		return s.remove(ctx).Clauses(where(s.is(id))).Delete(s.fresh()).Error
	})
}

// Touch moves the expiry of a live record of the same version, later only. It
// writes no column of Options.Columns.
func (s *Store) Touch(ctx context.Context, id string, version uint64, expires time.Time) error {
	ms := expires.UnixMilli()
	set := map[string]any{s.expires: gorm.Expr("CASE WHEN ? < ? THEN ? ELSE ? END", column(s.expires), ms, ms, column(s.expires))}
	if s.dialect.byInsertID { // which leaves the version as it is: versions begin at 1
		set[s.version] = gorm.Expr("LAST_INSERT_ID(?)", column(s.version))
	}
	met := false
	err := s.write(ctx, "touch", store.Record{ID: id}, func() error {
		answer := gorm.WithResult()
		done := s.begin(ctx).Model(s.fresh()).Clauses(answer,
			where(s.is(id), clause.Eq{Column: column(s.version), Value: int64(version)}, s.live())).UpdateColumns(set)
		if done.Error != nil || !s.dialect.byInsertID {
			met = done.RowsAffected == 1
			return done.Error
		}
		at, err := answer.Result.LastInsertId()
		met = at != 0
		return err
	})
	if err == nil && !met {
		return store.ErrConflict
	}
	return err
}

// Sweep removes up to limit expired records, those first that expired first.
func (s *Store) Sweep(ctx context.Context, limit int) (removed int, err error) {
	if limit <= 0 {
		return 0, ctx.Err()
	}
	for now := time.Now().UnixMilli(); ; {
		n, err := s.sweepFrom(ctx, s.swept.Load(), now, limit-removed)
		removed += n
		switch {
		case err != nil:
			return removed, err
		case removed == limit:
			s.advance(ctx)
			return removed, nil
		case s.swept.Swap(beginning) == beginning: // others may have written earlier expiries
			return removed, nil
		}
	}
}

// beginning is before any expiry.
const beginning = -math.MaxInt64

func (s *Store) sweepFrom(ctx context.Context, from, now int64, limit int) (removed int, err error) {
	err = s.write(ctx, "sweep", store.Record{}, func() error {
		expired := clause.Lte{Column: column(s.expires), Value: now}
		ids := s.begin(ctx).Unscoped().Model(s.fresh()).Select(s.id).
			Clauses(where(clause.Gte{Column: column(s.expires), Value: from}, expired))
		done := s.dialect.oldest(s.remove(ctx).Clauses(where(expired)), ids, s, limit).Delete(s.fresh())
		removed = int(done.RowsAffected)
		return done.Error
	})
	return removed, err
}

// advance notes where the next Sweep of PostgreSQL begins, if more is likely to
// be left. As long as a transaction may still see removed rows, the index keeps
// their entries, and to walk over all of them each time would cost their square.
//
// It is no fault if it fails: then the next Sweep begins where this one did.
func (s *Store) advance(ctx context.Context) {
	if s.db.Name() != postgresName {
		return
	}
	var first *int64
	left := where(clause.Gte{Column: column(s.expires), Value: s.swept.Load()})
	err := s.begin(ctx).Unscoped().Model(s.fresh()).Clauses(left).Select("MIN(?)", column(s.expires)).Scan(&first).Error
	if err == nil && first != nil {
		s.swept.Store(*first)
	}
}

// List yields the live records of a subject, ordered by id. It reads a
// hundred at a time, and holds no connection while the caller works on them.
func (s *Store) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return pages.List(subject, func(r store.Record) string { return r.ID }, func(after string) ([]store.Record, error) {
		return s.listAfter(ctx, subject, after)
	})
}

func (s *Store) listAfter(ctx context.Context, subject, after string) (records []store.Record, err error) {
	err = s.faults.Retry(ctx, "list", func() error {
		models := reflect.New(reflect.SliceOf(reflect.PointerTo(s.model)))
		tx := s.begin(ctx).Session(&gorm.Session{SkipHooks: true})
		if s.dialect.ofSubject != "" {
			tx = tx.Where(s.dialect.ofSubject, column(s.subject), Text(subject))
		}
		done := tx.Clauses(where(clause.Eq{Column: column(s.subject), Value: Text(subject)}, s.live(),
			clause.Gt{Column: column(s.id), Value: Text(after)})).
			Select(s.id, s.version, s.expires, s.subject, s.data).
			Order(clause.OrderByColumn{Column: column(s.id)}).Limit(pages.Size).Find(models.Interface())
		records = nil
		for _, m := range models.Elem().Seq2() {
			records = append(records, m.Interface().(Model).record().stored())
		}
		return done.Error
	})
	return records, err
}
