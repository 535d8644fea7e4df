package gormstore_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/gormstore"
)

func TestDatabaseThatRefusesSaysWhatToDo(t *testing.T) {
	byPgx := func(change func(*pgx.ConnConfig)) func(t *testing.T) gorm.Dialector {
		return func(t *testing.T) gorm.Dialector {
			config, err := pgx.ParseConfig(testserver.Find(t, testserver.PostgreSQL).Address)
			ok(t, err)
			config.Password = "s3cret"
			change(config)
			return postgres.New(postgres.Config{Conn: stdlib.OpenDB(*config)})
		}
	}
	byMySQL := func(change func(*driver.Config)) func(t *testing.T) gorm.Dialector {
		return func(t *testing.T) gorm.Dialector {
			config, err := driver.ParseDSN(testserver.Find(t, testserver.MariaDB).Address)
			ok(t, err)
			change(config)
			connector, err := driver.NewConnector(config)
			ok(t, err)
			return mysql.New(mysql.Config{Conn: sql.OpenDB(connector), SkipInitializeWithVersion: true})
		}
	}
	for name, test := range map[string]struct {
		dialector func(t *testing.T) gorm.Dialector
		wants     string
	}{
		"PostgreSQL, unknown user":     {byPgx(func(c *pgx.ConnConfig) { c.User = "nobody" }), "check user, password and database"},
		"PostgreSQL, unknown database": {byPgx(func(c *pgx.ConnConfig) { c.Database = "nowhere" }), "no such database or schema"},
		"PostgreSQL, read-only": {byPgx(func(c *pgx.ConnConfig) {
			c.RuntimeParams["default_transaction_read_only"] = "on"
		}), "read-only"},
		"MariaDB, wrong password": {byMySQL(func(c *driver.Config) { c.Passwd = "s3cret" }), "check user, password and database"},
		"MariaDB, read-only": {byMySQL(func(c *driver.Config) {
			c.Params = map[string]string{"tx_read_only": "1"}
		}), "read-only"},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := gorm.Open(test.dialector(t), &gorm.Config{DisableAutomaticPing: true, Logger: logger.Discard})
			ok(t, err)
			pool, err := db.DB()
			ok(t, err)
			t.Cleanup(func() { _ = pool.Close() })
			st, err := gormstore.New(db, gormstore.Options{Model: &refused{}})
			ok(t, err)
			err = st.Migrate(t.Context())
			if err == nil || !strings.HasPrefix(err.Error(), "gormstore: migrate: ") || !strings.Contains(err.Error(), test.wants) {
				t.Errorf("Migrate: error %v, want one that says %q", err, test.wants)
			}
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error has the password: %v", err)
			}
		})
	}
}

// refused has a table that is never made.
type refused struct{ gormstore.Record }

func TestFullDatabaseSaysWhatToDoAndKeepsWhatItHas(t *testing.T) {
	ctx := t.Context()
	db := engines[len(engines)-1].open(t)
	pool, err := db.DB()
	ok(t, err)
	pool.SetMaxOpenConns(1)
	st := migrated(t, db, gormstore.Options{})
	r := store.Record{ID: "a", Version: 1, Data: []byte("small"), Expires: time.Now().Add(time.Hour)}
	ok(t, st.Create(ctx, r))
	ok(t, db.Exec("PRAGMA max_page_count = 1").Error) // no more than it has
	large := r
	large.Data = make([]byte, 1<<20)
	other := large
	other.ID = "b"
	for name, err := range map[string]error{"save": st.Save(ctx, large), "create": st.Create(ctx, other)} {
		if err == nil || !strings.HasPrefix(err.Error(), "gormstore: "+name+": the database is full: make room") {
			t.Errorf("%s: error %v, want one that says that it is full", name, err)
		}
	}
	got, err := st.Load(ctx, "a")
	if err != nil || string(got.Data) != "small" || got.Version != 1 {
		t.Errorf("what was there: %q at version %d, error %v", got.Data, got.Version, err)
	}
	if _, err := st.Load(ctx, "b"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("what was refused: %v", err)
	}
}
