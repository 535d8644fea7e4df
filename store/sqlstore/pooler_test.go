package sqlstore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store/sqlstore"
)

// pooled is a driver that refuses to prepare outside of a transaction: there
// a pooler may take another connection for each message, and what is prepared
// stays on the one and is missing on the other.
type pooled struct{ driver.Connector }

func (p pooled) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := p.Connector.Connect(ctx)
	return &pooledConn{Conn: c}, err
}

type pooledConn struct {
	driver.Conn
	inside bool // a transaction
}

func (c *pooledConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
	switch {
	case strings.HasPrefix(query, "BEGIN"):
		c.inside = err == nil
	case query == "COMMIT", query == "ROLLBACK":
		c.inside = false
	}
	return result, err
}

func (c *pooledConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

func (c *pooledConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if !c.inside {
		return nil, errors.New("prepared outside of a transaction: " + query)
	}
	return c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
}

func TestMigratePreparesNothingThatOutlivesItBehindAPooler(t *testing.T) {
	config, err := pgx.ParseConfig(testserver.Find(t, testserver.PostgreSQL).Address)
	ok(t, err)
	db := closed(t, sql.OpenDB(pooled{stdlib.GetConnector(*config)}))
	db.SetMaxOpenConns(1)
	st, _ := migrated(t, db, sqlstore.PostgreSQL)
	ok(t, st.Migrate(t.Context()))

	plain := postgres(t, nil)
	plain.SetMaxOpenConns(1)
	migrated(t, plain, sqlstore.PostgreSQL)
	var left int
	ok(t, plain.QueryRow("SELECT COUNT(*) FROM pg_prepared_statements WHERE name NOT LIKE 'stmtcache%'").Scan(&left))
	if left != 0 {
		t.Errorf("Migrate has left %d prepared statements", left)
	}
}
