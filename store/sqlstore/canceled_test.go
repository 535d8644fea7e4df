package sqlstore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"path/filepath"
	"testing"
	"time"

	modernc "modernc.org/sqlite"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore"
)

// hasty is a driver that reports one statement as canceled once it is
// through, as SQLite's does when a context ends at that moment.
type hasty struct {
	driver.Connector
	statement string
}

func (h *hasty) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := h.Connector.Connect(ctx)
	return hastyConn{c, h}, err
}

type hastyConn struct {
	driver.Conn
	h *hasty
}

func (c hastyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
	if query == c.h.statement && err == nil {
		c.h.statement = "" // the next time it is not
		return nil, context.Canceled
	}
	return result, err
}

func TestCanceledMigrateLeavesNoTransactionOpen(t *testing.T) {
	for _, where := range []string{"file", "memory"} {
		for _, statement := range []string{"BEGIN IMMEDIATE", "COMMIT"} {
			t.Run(statement+" of a "+where, func(t *testing.T) {
				name := ":memory:"
				if where == "file" {
					name = "file:" + filepath.Join(t.TempDir(), "sessions.db")
				}
				connector, err := modernc.NewConnector(name)
				ok(t, err)
				db := closed(t, sql.OpenDB(&hasty{connector, statement}))
				db.SetMaxOpenConns(1)
				st, err := sqlstore.New(db, sqlstore.Options{Dialect: sqlstore.SQLite})
				ok(t, err)
				if err := st.Migrate(t.Context()); !errors.Is(err, context.Canceled) {
					t.Fatalf("Migrate: %v", err)
				}
				if statement == "BEGIN IMMEDIATE" {
					ok(t, st.Migrate(t.Context()))
				}
				ok(t, st.Create(t.Context(), store.Record{ID: "a", Expires: time.Now().Add(time.Hour)}))
				_, err = db.Exec("BEGIN")
				ok(t, err)
			})
		}
	}
}
