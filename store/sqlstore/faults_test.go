package sqlstore_test

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore"
)

func TestMissingTableSaysWhatToDo(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			st, opts := fresh(t, e.open(t), e.dialect)
			for _, c := range calls(t.Context(), st, "a") {
				wants(t, c.name, c.run(), "sqlstore: "+strings.ToLower(c.name), opts.Table, "Migrate")
			}
		})
	}
}

func TestTableOfAnotherShapeSaysWhatToDo(t *testing.T) {
	each(t, func(t *testing.T, db *sql.DB, st *sqlstore.Store, opts sqlstore.Options) {
		for _, c := range calls(t.Context(), st, "a") {
			ok(t, c.run())
		}
		_, err := db.Exec("DROP TABLE " + opts.Table)
		ok(t, err)
		_, err = db.Exec("CREATE TABLE " + opts.Table + " (id INT, expires BIGINT, subject VARCHAR(10), note INT)")
		ok(t, err)
		for _, c := range calls(t.Context(), st, "a") {
			if c.name != "Delete" && c.name != "Sweep" { // which the columns might do for
				wants(t, c.name, c.run(), opts.Table, "not as Migrate makes it")
			}
		}
		again, err := sqlstore.New(db, opts)
		ok(t, err)
		wants(t, "Migrate", again.Migrate(t.Context()), "sqlstore: migrate", opts.Table)
	})
}

func TestDatabaseThatRefusesSaysWhatToDo(t *testing.T) {
	for name, test := range map[string]struct {
		open  func(*testing.T) *sql.DB
		d     sqlstore.Dialect
		wants string
	}{
		"PostgreSQL, unknown user": {func(t *testing.T) *sql.DB {
			return postgres(t, func(c *pgxpool.Config) { c.ConnConfig.User, c.ConnConfig.Password = "nobody", "s3cret" })
		}, sqlstore.PostgreSQL, "check user, password and database"},
		"PostgreSQL, unknown database": {func(t *testing.T) *sql.DB {
			return postgres(t, func(c *pgxpool.Config) { c.ConnConfig.Database, c.ConnConfig.Password = "nowhere", "s3cret" })
		}, sqlstore.PostgreSQL, "no such database or schema"},
		"PostgreSQL, no privileges": {func(t *testing.T) *sql.DB {
			return postgres(t, func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams["role"] = "pg_monitor" })
		}, sqlstore.PostgreSQL, "lacks a privilege"},
		"PostgreSQL, no connection left": {func(t *testing.T) *sql.DB {
			role := "sqlstore_" + strings.ToLower(rand.Text())
			db := postgres(t, nil)
			_, err := db.Exec("CREATE ROLE " + role + " LOGIN CONNECTION LIMIT 0")
			ok(t, err)
			t.Cleanup(func() { _, _ = db.Exec("DROP ROLE " + role) })
			return postgres(t, func(c *pgxpool.Config) { c.ConnConfig.User = role })
		}, sqlstore.PostgreSQL, "no connection left"},
		"PostgreSQL, read-only": {func(t *testing.T) *sql.DB {
			return postgres(t, func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on" })
		}, sqlstore.PostgreSQL, "read-only"},
		"MariaDB, wrong password": {func(t *testing.T) *sql.DB {
			return mariadb(t, testserver.MariaDB, func(c *mysql.Config) { c.Passwd = "s3cret" })
		}, sqlstore.MySQL, "check user, password and database"},
		"MariaDB, no privileges": {func(t *testing.T) *sql.DB {
			return mariadb(t, testserver.MariaDB, func(c *mysql.Config) { c.DBName = "information_schema" })
		}, sqlstore.MySQL, "lacks a privilege"},
		"MariaDB, read-only": {func(t *testing.T) *sql.DB {
			return mariadb(t, testserver.MariaDB, func(c *mysql.Config) { c.Params = map[string]string{"tx_read_only": "1"} })
		}, sqlstore.MySQL, "read-only"},
		"MySQL, read-only": {func(t *testing.T) *sql.DB {
			return mariadb(t, testserver.MySQL, func(c *mysql.Config) { c.Params = map[string]string{"transaction_read_only": "1"} })
		}, sqlstore.MySQL, "read-only"},
	} {
		t.Run(name, func(t *testing.T) {
			st, _ := fresh(t, test.open(t), test.d)
			err := st.Migrate(t.Context())
			wants(t, "Migrate", err, test.wants)
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error has the password: %v", err)
			}
		})
	}
}

func TestFullDatabaseSaysWhatToDoAndKeepsWhatItHas(t *testing.T) {
	ctx := t.Context()
	db := sqlite(t)
	db.SetMaxOpenConns(1)
	st, _ := migrated(t, db, sqlstore.SQLite)
	r := store.Record{ID: "a", Version: 1, Data: []byte("small"), Expires: time.Now().Add(time.Hour)}
	ok(t, st.Create(ctx, r))
	_, err := db.Exec("PRAGMA max_page_count = 1") // no more than it has
	ok(t, err)
	large := r
	large.Data = make([]byte, 1<<20)
	wants(t, "Save", st.Save(ctx, large), "the database is full", "make room")
	large.ID = "b"
	wants(t, "Create", st.Create(ctx, large), "the database is full")
	got, err := st.Load(ctx, "a")
	if err != nil || string(got.Data) != "small" || got.Version != 1 {
		t.Errorf("what was there: %q at version %d, error %v", got.Data, got.Version, err)
	}
	if _, err := st.Load(ctx, "b"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("what was refused: %v", err)
	}
}

func TestIDThatIsNoneIsRefused(t *testing.T) {
	each(t, func(t *testing.T, _ *sql.DB, st *sqlstore.Store, _ sqlstore.Options) {
		long := strings.Repeat("x", 129)
		for _, id := range []string{"", long} {
			wants(t, "Create", st.Create(t.Context(), store.Record{ID: id, Expires: time.Now().Add(time.Hour)}), "want 1 to 128")
			if _, err := st.Load(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("Load of %d bytes: %v", len(id), err)
			}
		}
		ok(t, st.Create(t.Context(), store.Record{ID: long[1:], Expires: time.Now().Add(time.Hour)}))
	})
}

// wants fails the test unless err has all parts and names the package once.
func wants(t *testing.T, what string, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", what)
		return
	}
	for _, part := range append(parts, "sqlstore: ") {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%s: error %q lacks %q", what, err, part)
		}
	}
}
