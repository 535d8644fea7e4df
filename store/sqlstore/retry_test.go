package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore"
	"github.com/gosessions/sessions/store/storetest"
)

// TestContractWhereStatementsFailToSerialize: at these levels a statement that
// meets another fails and has to be run again.
func TestContractWhereStatementsFailToSerialize(t *testing.T) {
	for _, level := range []string{"repeatable read", "serializable"} {
		t.Run("PostgreSQL "+level, func(t *testing.T) {
			db := postgres(t, func(c *pgxpool.Config) {
				c.ConnConfig.RuntimeParams["default_transaction_isolation"] = level
			})
			st, _ := migrated(t, db, sqlstore.PostgreSQL)
			storetest.Run(t, func(*testing.T) store.Store { return st })
		})
	}
	t.Run("MariaDB serializable", func(t *testing.T) {
		db := mariadb(t, testserver.MariaDB, func(c *mysql.Config) { c.Params = map[string]string{"tx_isolation": "'SERIALIZABLE'"} })
		st, _ := migrated(t, db, sqlstore.MySQL)
		storetest.Run(t, func(*testing.T) store.Store { return st })
	})
}

// TestContractBehindAPooler: one that shares connections between transactions
// keeps no prepared statements, and pgx is told so.
func TestContractBehindAPooler(t *testing.T) {
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		t.Run(mode.String(), func(t *testing.T) {
			db := postgres(t, func(c *pgxpool.Config) { c.ConnConfig.DefaultQueryExecMode = mode })
			st, _ := migrated(t, db, sqlstore.PostgreSQL)
			storetest.Run(t, func(*testing.T) store.Store { return st })
		})
	}
}

// lockable opens a file of SQLite, which does not wait for a lock by itself.
func lockable(t *testing.T, path string) *sql.DB {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(0)")
	ok(t, err)
	return closed(t, db)
}

func TestBusySQLiteIsTriedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	db := lockable(t, path)
	st, _ := migrated(t, db, sqlstore.SQLite)
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for i := range 20 {
				id := fmt.Sprint(w, "-", i)
				if err := st.Create(t.Context(), store.Record{ID: id, Expires: time.Now().Add(time.Hour)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestTriesAreFewAndEndWithTheContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	st, _ := migrated(t, lockable(t, path), sqlstore.SQLite)
	other, err := lockable(t, path).Conn(t.Context())
	ok(t, err)
	_, err = other.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	ok(t, err)
	r := store.Record{ID: "a", Expires: time.Now().Add(time.Hour)}

	wants(t, "Create", st.Create(t.Context(), r), "busy at each try")
	ended, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := st.Create(ended, r); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Create until a deadline: %v", err)
	}
	_, err = other.ExecContext(t.Context(), "ROLLBACK")
	ok(t, err)
	ok(t, st.Create(t.Context(), r))
}
