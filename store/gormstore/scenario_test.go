package gormstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/libtnb/sqlite"
	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/schema"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/gormstore"
)

func TestMain(m *testing.M) { os.Exit(scenario.Main(m, openShared)) }

func TestScenarios(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		if strings.Contains(e.name, "with") || strings.Contains(e.name, "found") {
			t.Skip("the same database in another way")
		}
		st := migrated(t, e.open(t), gormstore.Options{})
		scenario.Run(t, func(*testing.T) store.Store { return st })
	})
}

// place is a database that several processes share, or one that comes back.
type place struct{ driver, prefix, address string }

func (p place) open() (*gorm.DB, error) {
	dialector := map[string]func(string) gorm.Dialector{"postgres": postgres.Open, "mysql": mysql.Open, "sqlite": sqlite.Open}[p.driver]
	db, err := gorm.Open(dialector(p.address), &gorm.Config{
		Logger: logger.Discard, NamingStrategy: schema.NamingStrategy{TablePrefix: p.prefix},
		PrepareStmt: p.driver == "mysql", // as the documentation advises
	})
	if err != nil {
		return nil, err
	}
	var pool *sql.DB
	if pool, err = db.DB(); err == nil {
		pool.SetMaxOpenConns(16)
		pool.SetMaxIdleConns(16)
	}
	return db, err
}

// openShared opens a place in a second process. Both migrate it.
func openShared(address string) (store.Store, error) {
	parts := strings.SplitN(address, " ", 3)
	db, err := place{parts[0], parts[1], parts[2]}.open()
	if err != nil {
		return nil, err
	}
	st, err := gormstore.New(db, gormstore.Options{})
	if err != nil {
		return nil, err
	}
	return st, st.Migrate(context.Background())
}

// opened returns the database of a place that goes with the test.
func opened(t *testing.T, p place) *gorm.DB {
	t.Helper()
	db, err := p.open()
	ok(t, err)
	t.Cleanup(func() {
		_ = db.Migrator().DropTable(&gormstore.Session{})
		pool, err := db.DB()
		ok(t, err)
		_ = pool.Close()
	})
	return db
}

func TestTwoProcessesShareADatabase(t *testing.T) {
	for name, find := range map[string]func(t *testing.T) place{
		"PostgreSQL": func(t *testing.T) place {
			return place{"postgres", prefix(), testserver.Find(t, testserver.PostgreSQL).Address}
		},
		"MariaDB": func(t *testing.T) place {
			return place{"mysql", prefix(), testserver.Find(t, testserver.MariaDB).Address}
		},
		"SQLite": func(t *testing.T) place {
			return place{"sqlite", prefix(), "file:" + filepath.Join(t.TempDir(), "sessions.db") + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := find(t)
			opened(t, p)
			scenario.TwoProcesses(t, fmt.Sprintf("%s %s %s", p.driver, p.prefix, p.address))
		})
	}
}

// TestDatabaseThatIsKilledAndComesBack loses nothing that was acknowledged.
func TestDatabaseThatIsKilledAndComesBack(t *testing.T) {
	for driver, engine := range map[string]testserver.Engine{"postgres": testserver.PostgreSQL, "mysql": testserver.MariaDB} {
		t.Run(string(engine), func(t *testing.T) {
			server := testserver.Private(t, engine)
			st := migrated(t, opened(t, place{driver, prefix(), server.Address}), gormstore.Options{})
			scenario.Outage(t, func(*testing.T) store.Store { return st }, server.Kill, server.Start)
		})
	}
}
