package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore"
)

func TestMain(m *testing.M) { os.Exit(scenario.Main(m, openShared)) }

func TestScenarios(t *testing.T) {
	each(t, func(t *testing.T, _ *sql.DB, st *sqlstore.Store, _ sqlstore.Options) {
		scenario.Run(t, func(*testing.T) store.Store { return st })
	})
}

// place is a database that several processes share, or one that comes back.
type place struct {
	dialect sqlstore.Dialect
	driver  string
	address string
}

// places are found by, or made by a function of, the test.
func places(server func(testing.TB, testserver.Engine) *testserver.Server) map[string]func(t *testing.T) (place, *testserver.Server) {
	at := func(e testserver.Engine, d sqlstore.Dialect, driver string) func(t *testing.T) (place, *testserver.Server) {
		return func(t *testing.T) (place, *testserver.Server) {
			s := server(t, e)
			return place{d, driver, s.Address}, s
		}
	}
	return map[string]func(t *testing.T) (place, *testserver.Server){
		"PostgreSQL": at(testserver.PostgreSQL, sqlstore.PostgreSQL, "pgx"),
		"MariaDB":    at(testserver.MariaDB, sqlstore.MySQL, "mysql"),
		"MySQL":      at(testserver.MySQL, sqlstore.MySQL, "mysql"),
	}
}

func (p place) open() (*sql.DB, error) {
	db, err := sql.Open(p.driver, p.address)
	if err == nil {
		db.SetMaxOpenConns(16)
		db.SetMaxIdleConns(16)
	}
	return db, err
}

// shared is how a second process is told of a table.
func (p place) shared(table string) string {
	return fmt.Sprintf("%d %s %s %s", p.dialect, p.driver, table, p.address)
}

// openShared opens such a table in a second process. Both migrate it.
func openShared(address string) (store.Store, error) {
	var p place
	var table string
	if _, err := fmt.Sscan(address, &p.dialect, &p.driver, &table); err != nil {
		return nil, err
	}
	p.address = strings.SplitN(address, " ", 4)[3]
	db, err := p.open()
	if err != nil {
		return nil, err
	}
	st, err := sqlstore.New(db, sqlstore.Options{Dialect: p.dialect, Table: table})
	if err != nil {
		return nil, err
	}
	return st, st.Migrate(context.Background())
}

func TestTwoProcessesShareADatabase(t *testing.T) {
	all := places(testserver.Find)
	all["SQLite"] = func(t *testing.T) (place, *testserver.Server) {
		path := filepath.Join(t.TempDir(), "sessions.db")
		return place{sqlstore.SQLite, "sqlite", "file:" + path + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)"}, nil
	}
	for name, find := range all {
		t.Run(name, func(t *testing.T) {
			p, _ := find(t)
			db, err := p.open()
			ok(t, err)
			_, opts := fresh(t, closed(t, db), p.dialect)
			scenario.TwoProcesses(t, p.shared(opts.Table))
		})
	}
}

// TestDatabaseThatIsKilledAndComesBack loses nothing that was acknowledged.
func TestDatabaseThatIsKilledAndComesBack(t *testing.T) {
	for name, private := range places(testserver.Private) {
		t.Run(name, func(t *testing.T) {
			p, server := private(t)
			db, err := p.open()
			ok(t, err)
			st, _ := migrated(t, closed(t, db), p.dialect)
			scenario.Outage(t, func(*testing.T) store.Store { return st }, server.Kill, server.Start)
		})
	}
}
