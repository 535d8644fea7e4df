package gormstore

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/gosessions/sessions/store"
)

// begin returns what a statement is built on.
func (s *Store) begin(ctx context.Context) *gorm.DB { return s.db.WithContext(ctx) }

// remove is begin for a statement that removes rows, and does not just mark
// them as deleted.
func (s *Store) remove(ctx context.Context) *gorm.DB {
	return s.begin(ctx).Session(&gorm.Session{SkipHooks: true}).Unscoped()
}

// write runs a statement that changes records. It runs none that the server
// would lose or change.
func (s *Store) write(ctx context.Context, op string, r store.Record, run func() error) error {
	return s.faults.Retry(ctx, op, func() error {
		if err := s.check(s.begin(ctx), len(r.ID)+len(r.Subject)+len(r.Data)); err != nil {
			return err
		}
		return run()
	})
}

// check returns an error if the server would lose or change a statement whose
// values have size bytes.
func (s *Store) check(db *gorm.DB, size int) error {
	if s.settings == nil {
		return nil
	}
	return s.settings.Check(size, func(text string) *sql.Row { return db.Raw(text).Row() })
}

func where(conditions ...clause.Expression) clause.Where {
	return clause.Where{Exprs: conditions}
}

func (s *Store) is(id string) clause.Expression {
	return clause.Eq{Column: column(s.id), Value: Text(id)}
}

func (s *Store) live() clause.Expression {
	return clause.Gt{Column: column(s.expires), Value: time.Now().UnixMilli()}
}

// fresh returns an empty model.
func (s *Store) fresh() Model { return reflect.New(s.model).Interface().(Model) }

// filled returns a model with a record and the application's columns for it,
// and these columns as an update sets them.
func (s *Store) filled(ctx context.Context, r store.Record) (Model, map[string]any, error) {
	rv := reflect.New(s.model)
	m := rv.Interface().(Model)
	*m.record() = Record{ID: Text(r.ID), Version: int64(r.Version), Expires: r.Expires.UnixMilli(), Subject: Text(r.Subject), Data: r.Data}
	if r.Data == nil {
		m.record().Data = []byte{} // NULL is no data
	}
	set := make(map[string]any)
	if s.columns == nil {
		return m, set, nil
	}
	columns, err := s.columns(ctx, r)
	if err != nil {
		return nil, nil, fmt.Errorf("Options.Columns: %w", err)
	}
	for name, value := range columns {
		f, err := s.own(name)
		if err != nil {
			return nil, nil, err
		}
		if f.Set(ctx, rv, value) != nil { // whose error has the value
			return nil, nil, fmt.Errorf("Options.Columns: the field %s is a %v and takes no %T", f.Name, f.FieldType, value)
		}
		set[f.DBName], _ = f.ValueOf(ctx, rv)
	}
	return m, set, nil
}

// stored returns the record as a store's.
func (r *Record) stored() store.Record {
	return store.Record{ID: string(r.ID), Version: uint64(r.Version), Expires: time.UnixMilli(r.Expires), Subject: string(r.Subject), Data: r.Data}
}
