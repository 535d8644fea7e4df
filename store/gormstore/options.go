package gormstore

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/internal/sqlfault"
)

// Options say what a session's row is.
type Options struct {
	// Model is a pointer to the application's model, a struct that embeds
	// Record. The default is &Session{}. The table is named as GORM names it.
	Model Model

	// Columns returns columns of the model, by the names of its fields, that
	// are written together with the record: when it is created and each time
	// that it is saved, which includes a login and a new token. It
	// is given the record as it will be stored, and the context of the
	// request. Columns that it does not name are left as they are. If it
	// returns an error, nothing is written. It may be called from many
	// goroutines. If nil, no columns are written.
	Columns func(ctx context.Context, r store.Record) (map[string]any, error)
}

// New returns a store that keeps records in the table of a model. The database
// stays the caller's, to set its limits and to close it. New only checks the
// options, and returns all that is wrong with them in one error; it asks the
// database nothing.
//
// The database is PostgreSQL, MySQL, MariaDB or SQLite. Of the session that db
// is, the store keeps all but three settings: its statements run in no
// transaction of their own, GORM translates no errors, and the logger gets no
// values.
func New(db *gorm.DB, opts Options) (*Store, error) {
	if db == nil || db.Config == nil || db.Dialector == nil {
		return nil, errors.New("gormstore: db is nil: open one with gorm.Open")
	}
	var faults []error
	d, ok := dialects[db.Name()]
	if !ok {
		faults = append(faults, fmt.Errorf("the database is %q: use PostgreSQL, MySQL, MariaDB or SQLite", db.Name()))
	}
	if opts.Model == nil {
		opts.Model = &Session{}
	}
	s := &Store{dialect: d, columns: opts.Columns}
	s.swept.Store(beginning)
	s.db = db.Session(&gorm.Session{SkipDefaultTransaction: true, Logger: quiet{db.Logger}})
	s.db.TranslateError = false // or a driver's error loses what it says
	if err := s.parse(opts.Model); err != nil {
		faults = append(faults, err)
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("gormstore: %w", errors.Join(faults...))
	}
	s.faults = sqlfault.Store{
		Package: "gormstore",
		Table:   s.schema.Table,
		Make:    "call Migrate",
		Replace: "alter it, or give the model another by a method TableName",
		Fault:   d.fault,
	}
	if d.byInsertID {
		s.settings = new(sqlfault.MySQLSettings)
	}
	if pool, err := db.DB(); err == nil && d.failover {
		s.faults.Discard = func(ctx context.Context) { sqlfault.Discard(ctx, pool, d.end) }
	}
	return s, nil
}

// parse learns the model's columns.
func (s *Store) parse(m Model) error {
	if s.model = reflect.TypeOf(m); s.model.Kind() != reflect.Pointer {
		return fmt.Errorf("Options.Model is a %T: give a pointer to a struct that embeds gormstore.Record", m)
	}
	s.model = s.model.Elem()
	r := s.fresh().record()
	if r == nil {
		return fmt.Errorf("Options.Model is a %T that embeds a pointer: embed gormstore.Record itself", m)
	}
	stmt := gorm.Statement{DB: s.db}
	if err := stmt.Parse(m); err != nil {
		return fmt.Errorf("Options.Model: %w", err)
	}
	s.schema = stmt.Schema
	rv := reflect.New(s.model)
	r = rv.Interface().(Model).record()
	var faults []error
	for _, c := range []struct {
		field   string
		pointer any
		column  *string
	}{
		{"ID", &r.ID, &s.id}, {"Version", &r.Version, &s.version}, {"Expires", &r.Expires, &s.expires},
		{"Subject", &r.Subject, &s.subject}, {"Data", &r.Data, &s.data},
	} {
		f := s.schema.FieldsByName[c.field]
		if f == nil || f.DBName == "" || f.ReflectValueOf(context.Background(), rv).Addr().Interface() != c.pointer {
			faults = append(faults, fmt.Errorf("Options.Model has a field %s of its own, which hides that of gormstore.Record", c.field))
			continue
		}
		*c.column = f.DBName
	}
	if len(s.schema.PrimaryFields) > 1 {
		faults = append(faults, fmt.Errorf("Options.Model has a primary key of its own: that is gormstore.Record's id"))
	}
	return errors.Join(faults...)
}

// own returns the field of a column that Options.Columns names.
func (s *Store) own(name string) (*schema.Field, error) {
	f := s.schema.LookUpField(name)
	switch {
	case f == nil || f.DBName == "":
		return nil, fmt.Errorf("Options.Columns names %q: the model has no such field", name)
	case f.DBName == s.id || f.DBName == s.version || f.DBName == s.expires || f.DBName == s.subject || f.DBName == s.data:
		return nil, fmt.Errorf("Options.Columns names %q: that is the record's", name)
	}
	return f, nil
}
