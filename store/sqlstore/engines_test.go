package sqlstore_test

import (
	"crypto/rand"
	"database/sql"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store/sqlstore"
)

// engine is a real database, reached in one way.
type engine struct {
	name    string
	dialect sqlstore.Dialect
	open    func(t testing.TB) *sql.DB
}

// engines are all ways to a database that a store must work over.
var engines = []engine{
	{"PostgreSQL by pgxpool", sqlstore.PostgreSQL, func(t testing.TB) *sql.DB { return postgres(t, nil) }},
	{"PostgreSQL by connector", sqlstore.PostgreSQL, func(t testing.TB) *sql.DB {
		config, err := pgx.ParseConfig(testserver.Find(t, testserver.PostgreSQL).Address)
		ok(t, err)
		return closed(t, stdlib.OpenDB(*config))
	}},
	{"MariaDB counting changed rows", sqlstore.MySQL, func(t testing.TB) *sql.DB { return mariadb(t, testserver.MariaDB, nil) }},
	{"MariaDB counting found rows", sqlstore.MySQL, func(t testing.TB) *sql.DB { return mariadb(t, testserver.MariaDB, foundRows) }},
	{"MySQL counting changed rows", sqlstore.MySQL, func(t testing.TB) *sql.DB { return mariadb(t, testserver.MySQL, nil) }},
	{"MySQL counting found rows", sqlstore.MySQL, func(t testing.TB) *sql.DB { return mariadb(t, testserver.MySQL, foundRows) }},
	{"SQLite in process", sqlstore.SQLite, sqlite},
}

func foundRows(c *mysql.Config) { c.ClientFoundRows, c.InterpolateParams = true, true }

// each runs a test on every engine, with a database and a store on a table of
// its own that was migrated.
func each(t *testing.T, test func(t *testing.T, db *sql.DB, st *sqlstore.Store, opts sqlstore.Options)) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			db := e.open(t)
			st, opts := migrated(t, db, e.dialect)
			test(t, db, st, opts)
		})
	}
}

// migrated returns a store on a new table.
func migrated(t testing.TB, db *sql.DB, d sqlstore.Dialect) (*sqlstore.Store, sqlstore.Options) {
	t.Helper()
	st, opts := fresh(t, db, d)
	ok(t, st.Migrate(t.Context()))
	return st, opts
}

// fresh returns a store whose table is not there yet, and goes with the test.
func fresh(t testing.TB, db *sql.DB, d sqlstore.Dialect) (*sqlstore.Store, sqlstore.Options) {
	t.Helper()
	opts := sqlstore.Options{Dialect: d, Table: "sqlstore_" + strings.ToLower(rand.Text())}
	st, err := sqlstore.New(db, opts)
	ok(t, err)
	t.Cleanup(func() { _, _ = db.Exec("DROP TABLE IF EXISTS " + opts.Table) })
	return st, opts
}

func postgres(t testing.TB, change func(*pgxpool.Config)) *sql.DB {
	return closed(t, stdlib.OpenDBFromPool(pool(t, change)))
}

func pool(t testing.TB, change func(*pgxpool.Config)) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(testserver.Find(t, testserver.PostgreSQL).Address)
	ok(t, err)
	config.MaxConns = 16
	if change != nil {
		change(config)
	}
	p, err := pgxpool.NewWithConfig(t.Context(), config)
	ok(t, err)
	t.Cleanup(p.Close)
	return p
}

func mariadb(t testing.TB, server testserver.Engine, change func(*mysql.Config)) *sql.DB {
	t.Helper()
	config, err := mysql.ParseDSN(testserver.Find(t, server).Address)
	ok(t, err)
	if change != nil {
		change(config)
	}
	connector, err := mysql.NewConnector(config)
	ok(t, err)
	db := closed(t, sql.OpenDB(connector))
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	return db
}

func sqlite(t testing.TB) *sql.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sessions.db")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)")
	ok(t, err)
	return closed(t, db)
}

func closed(t testing.TB, db *sql.DB) *sql.DB {
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// product returns the server's name and version.
func product(t testing.TB, db *sql.DB, e engine) string {
	t.Helper()
	query := map[sqlstore.Dialect]string{
		sqlstore.PostgreSQL: "SHOW server_version", sqlstore.MySQL: "SELECT VERSION()", sqlstore.SQLite: "SELECT sqlite_version()",
	}[e.dialect]
	var version string
	ok(t, db.QueryRow(query).Scan(&version))
	name, how, _ := strings.Cut(e.name, " ")
	return strings.TrimSpace(name + " " + regexp.MustCompile(`^[0-9.]+`).FindString(version) + " " + how)
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
