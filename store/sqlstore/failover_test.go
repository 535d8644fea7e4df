package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore"
)

// held opens n connections of a pool, runs a text on each, and leaves them idle.
func held(t *testing.T, db *sql.DB, n int, text string) {
	t.Helper()
	var conns []*sql.Conn
	for range n {
		conn, err := db.Conn(t.Context())
		ok(t, err)
		_, err = conn.ExecContext(t.Context(), text)
		ok(t, err)
		conns = append(conns, conn)
	}
	for _, conn := range conns {
		ok(t, conn.Close())
	}
}

// TestR102_WritesReachTheNewPrimaryWithoutARestart: also the first write. All
// connections of the pool are as those to a primary that was replaced, and new
// ones can write.
func TestR102_WritesReachTheNewPrimaryWithoutARestart(t *testing.T) {
	for _, e := range engines {
		readOnly := map[sqlstore.Dialect]string{
			sqlstore.PostgreSQL: "SET SESSION default_transaction_read_only = on",
			sqlstore.MySQL:      "SET SESSION TRANSACTION READ ONLY",
		}[e.dialect]
		if readOnly == "" {
			continue // a file has no replacement
		}
		t.Run(e.name, func(t *testing.T) {
			const n = 4
			db := e.open(t)
			if !strings.Contains(e.name, "pgxpool") { // which keeps those of its own idle
				db.SetMaxIdleConns(n)
			}
			st, _ := migrated(t, db, e.dialect)
			for _, call := range calls(t.Context(), st, "a") {
				held(t, db, n, readOnly)
				if err := call.run(); err != nil {
					t.Errorf("%s: %v", call.name, err)
				}
			}
		})
	}
}

// TestR102_PrimaryThatIsReplacedBehindOneAddress: the old server stays up and is
// read-only, and new connections reach another.
func TestR102_PrimaryThatIsReplacedBehindOneAddress(t *testing.T) {
	var primary atomic.Pointer[string]
	connect := func(config *mysql.Config, user string) *sql.DB {
		c := config.Clone()
		c.User, c.Passwd = user, ""
		if user == "app" {
			c.DialFunc = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, *primary.Load())
			}
		}
		connector, err := mysql.NewConnector(c)
		ok(t, err)
		return closed(t, sql.OpenDB(connector))
	}
	start := func() (*mysql.Config, *sql.DB) {
		config, err := mysql.ParseDSN(testserver.Private(t, testserver.MariaDB).Address)
		ok(t, err)
		admin := connect(config, "root")
		for _, text := range []string{"CREATE USER app@127.0.0.1", "GRANT ALL ON sessions.* TO app@127.0.0.1"} {
			_, err := admin.Exec(text)
			ok(t, err)
		}
		return config, admin
	}
	old, admin := start()
	replacement, _ := start()

	opts := sqlstore.Options{Dialect: sqlstore.MySQL}
	primary.Store(&replacement.Addr)
	st, err := sqlstore.New(connect(old, "app"), opts)
	ok(t, err)
	ok(t, st.Migrate(t.Context()))

	const n = 16
	primary.Store(&old.Addr)
	db := connect(old, "app")
	db.SetMaxIdleConns(n)
	st, err = sqlstore.New(db, opts)
	ok(t, err)
	ok(t, st.Migrate(t.Context()))
	held(t, db, n, "DO 0")
	_, err = admin.Exec("SET GLOBAL read_only = ON")
	ok(t, err)
	wants(t, "a write before the replacement", st.Create(t.Context(), store.Record{ID: "a", Expires: time.Now().Add(time.Hour)}), "read-only", "1290")
	held(t, db, n, "DO 0")

	primary.Store(&replacement.Addr)
	for i := range n {
		ok(t, st.Create(t.Context(), store.Record{ID: fmt.Sprint(i), Expires: time.Now().Add(time.Hour)}))
	}
}
