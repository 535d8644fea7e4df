//go:build cgo && ((linux && (amd64 || arm64)) || (darwin && arm64))

// Package local_test tests sqlstore on a file of libSQL's own engine, by
// go-libsql.
package local_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/tursodatabase/go-libsql"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore/libsqltest"
)

func TestMain(m *testing.M) { os.Exit(scenario.Main(m, openShared)) }

// openFile has one connection, which the settings are made on: the driver has
// no parameters for them.
func openFile(path string) (*sql.DB, error) {
	db, err := sql.Open("libsql", "file:"+path)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	for _, setting := range []string{"busy_timeout = 5000", "journal_mode = WAL"} {
		if err := db.QueryRow("PRAGMA " + setting).Scan(new(any)); err != nil {
			return nil, err
		}
	}
	return db, nil
}

func open(t *testing.T) *sql.DB {
	t.Helper()
	db, err := openFile(filepath.Join(t.TempDir(), "sessions.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestContract(t *testing.T) { libsqltest.Contract(t, open(t), "in a file, by go-libsql") }

func TestTexts(t *testing.T) { libsqltest.Texts(t, libsqltest.New(t, open(t))) }

func TestErrorsSayWhatToDo(t *testing.T) { libsqltest.Advice(t, open(t)) }

func TestScenarios(t *testing.T) {
	st := libsqltest.New(t, open(t))
	scenario.Run(t, func(*testing.T) store.Store { return st })
}

// openShared opens "table path" in a second process.
func openShared(shared string) (store.Store, error) {
	table, path, _ := strings.Cut(shared, " ")
	db, err := openFile(path)
	if err != nil {
		return nil, err
	}
	return libsqltest.Open(context.Background(), db, table)
}

func TestTwoProcessesShareAFile(t *testing.T) {
	scenario.TwoProcesses(t, "sessions "+filepath.Join(t.TempDir(), "sessions.db"))
}
