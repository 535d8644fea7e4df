package gormstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"

	"github.com/gosessions/sessions/store/internal/sqlfault"
)

// Migrate makes the model's table by GORM's AutoMigrate, and two indexes that
// no tag can describe for all databases: by expiry and by subject. It does as
// much as is missing. Any number of processes may call it at once, each time
// that they start; in one of them one goroutine at a time, for AutoMigrate
// writes to what GORM knows of the model.
//
// If nothing is missing, Migrate needs no privilege but SELECT, INSERT, UPDATE
// and DELETE. It returns an error if two rows can have one ID, or if the
// connection changes bytes or does not commit.
func (s *Store) Migrate(ctx context.Context) error {
	return s.faults.Retry(ctx, "migrate", func() error { return s.migrate(ctx) })
}

// races bounds how often others may be faster.
const races = 50

// migrate starts again where another process has just made what it was about
// to make.
func (s *Store) migrate(ctx context.Context) (err error) {
	db := s.db.WithContext(ctx).Session(&gorm.Session{Logger: logger.Discard}) // such errors are nobody's to read
	if err := s.check(db, 0); err != nil {
		return err
	}
	for range races {
		err = s.make(db)
		if err == nil || !exists(err) || !sqlfault.Pause(ctx, 20*time.Millisecond) {
			return err
		}
	}
	return err
}

func (s *Store) make(db *gorm.DB) error {
	m := s.fresh()
	if err := db.AutoMigrate(m); err != nil {
		return err
	}
	for _, index := range []struct {
		column, create string
		vars           []any
	}{
		{s.expires, "CREATE INDEX ? ON ? (?)", []any{column(s.expires)}},
		{s.subject, s.dialect.index, []any{column(s.subject), column(s.id)}},
	} {
		name := db.NamingStrategy.IndexName(s.schema.Table, index.column)
		if db.Migrator().HasIndex(m, name) {
			continue
		}
		vars := append([]any{column(name), clause.Table{Name: s.schema.Table}}, index.vars...)
		if err := db.Exec(index.create, vars...).Error; err != nil {
			return err
		}
	}
	if s.dialect.bytes != "" {
		if err := db.Raw(s.dialect.bytes).Row().Scan(new([]byte)); err != nil {
			return err
		}
	}
	return s.checkKey(db)
}

// checkKey returns an error if two rows could have one id.
func (s *Store) checkKey(db *gorm.DB) error {
	if !s.dialect.byInsertID { // the insert names its key, and the engine refuses it if there is none
		id := column(s.id)
		return db.Exec("EXPLAIN INSERT INTO ? (?) VALUES (NULL) ON CONFLICT (?) DO NOTHING", clause.Table{Name: s.schema.Table}, id, id).Error
	}
	types, err := db.Migrator().ColumnTypes(s.fresh())
	if err != nil {
		return err
	}
	for _, t := range types {
		if primary, _ := t.PrimaryKey(); primary != (t.Name() == s.id) {
			return fmt.Errorf("two rows of the table %s could have one id: make %s its primary key", s.schema.Table, s.id)
		}
	}
	return nil
}

// exists reports whether an error says that something is there already.
func exists(err error) bool {
	switch sqlfault.MySQLNumber(err) {
	case 1050, 1060, 1061: // table, column, key
		return true
	}
	text := err.Error()
	return strings.Contains(text, "already exists") || strings.Contains(text, "duplicate column name") ||
		strings.Contains(text, "pg_type_typname_nsp_index") || strings.Contains(text, "pg_class_relname_nsp_index")
}
