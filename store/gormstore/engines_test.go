package gormstore_test

import (
	"crypto/rand"
	"database/sql"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"
	"github.com/libtnb/sqlite"
	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/schema"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store/gormstore"
)

// engine is a real database, reached in one way.
type engine struct {
	name      string
	product   string // what it is, in its own words, after this
	version   string // SQL
	dialector func(t testing.TB) gorm.Dialector
	prepare   bool // GORM's PrepareStmt
}

// engines are all ways to a database that a store must work over.
var engines = []engine{
	{"PostgreSQL", "PostgreSQL", "SHOW server_version", postgreSQL, false},
	{"PostgreSQL with PrepareStmt", "PostgreSQL", "SHOW server_version", postgreSQL, true},
	{"MariaDB counting changed rows", "MariaDB", "SELECT VERSION()", mySQL(testserver.MariaDB, func(*driver.Config) {}), true},
	{"MariaDB counting found rows", "MariaDB", "SELECT VERSION()", mySQL(testserver.MariaDB, foundRows), false},
	{"MySQL counting changed rows", "MySQL", "SELECT VERSION()", mySQL(testserver.MySQL, func(*driver.Config) {}), true},
	{"MySQL counting found rows", "MySQL", "SELECT VERSION()", mySQL(testserver.MySQL, foundRows), false},
	{"SQLite in process", "SQLite", "SELECT sqlite_version()", sqLite, false},
}

func foundRows(c *driver.Config) { c.ClientFoundRows, c.InterpolateParams = true, true }

func postgreSQL(t testing.TB) gorm.Dialector {
	return postgres.Open(testserver.Find(t, testserver.PostgreSQL).Address)
}

func mySQL(server testserver.Engine, change func(*driver.Config)) func(t testing.TB) gorm.Dialector {
	return func(t testing.TB) gorm.Dialector {
		t.Helper()
		config, err := driver.ParseDSN(testserver.Find(t, server).Address)
		ok(t, err)
		config.ParseTime = true // for columns of time
		change(config)
		connector, err := driver.NewConnector(config)
		ok(t, err)
		return mysql.New(mysql.Config{Conn: sql.OpenDB(connector)})
	}
}

func sqLite(t testing.TB) gorm.Dialector {
	path := filepath.Join(t.TempDir(), "sessions.db")
	return sqlite.Open("file:" + path + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)")
}

// open opens a database whose tables are the test's own, by their prefix.
func (e engine) open(t testing.TB, change ...func(*gorm.Config)) *gorm.DB {
	t.Helper()
	return e.openOn(t, e.dialector(t), change...)
}

func (e engine) openOn(t testing.TB, dialector gorm.Dialector, change ...func(*gorm.Config)) *gorm.DB {
	t.Helper()
	config := &gorm.Config{
		Logger:         logger.Discard,
		NamingStrategy: schema.NamingStrategy{TablePrefix: prefix()},
		PrepareStmt:    e.prepare,
	}
	for _, c := range change {
		c(config)
	}
	db, err := gorm.Open(dialector, config)
	ok(t, err)
	pool, err := db.DB()
	ok(t, err)
	t.Cleanup(func() { _ = pool.Close() })
	pool.SetMaxOpenConns(16)
	pool.SetMaxIdleConns(16)
	return db
}

// prefix returns a prefix for tables that no other test has.
func prefix() string { return "g_" + strings.ToLower(rand.Text()[:12]) + "_" }

// describe returns what the database is, such as "PostgreSQL 15.18".
func (e engine) describe(t testing.TB, db *gorm.DB) string {
	t.Helper()
	version := ""
	ok(t, db.Raw(e.version).Scan(&version).Error)
	how := strings.TrimPrefix(strings.TrimPrefix(e.name, e.product), " ")
	return strings.TrimSpace(e.product + " " + regexp.MustCompile(`^[0-9.]+`).FindString(version) + " " + how)
}

// migrated returns a store on a new table.
func migrated(t testing.TB, db *gorm.DB, opts gormstore.Options) *gormstore.Store {
	t.Helper()
	st, err := gormstore.New(db, opts)
	ok(t, err)
	var model any = &gormstore.Session{}
	if opts.Model != nil {
		model = opts.Model
	}
	t.Cleanup(func() { _ = db.Migrator().DropTable(model) })
	ok(t, st.Migrate(t.Context()))
	return st
}

// each runs a test on every engine.
func each(t *testing.T, test func(t *testing.T, e engine)) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) { test(t, e) })
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
