package sqlfault

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// EndIfReadOnly is a statement by which a connection to PostgreSQL ends itself
// if it is read-only. If the connections of a [sql.DB] come from another pool,
// such as pgxpool, that pool would otherwise keep them.
const EndIfReadOnly = "SELECT pg_terminate_backend(pg_backend_pid()) WHERE current_setting('transaction_read_only')::boolean"

// Discard closes the connections of a pool that are idle, so that the next
// statement opens one, and finds the new primary after a failover. If text is
// not empty, it executes text on each connection first.
//
// A connection that has just met the old primary is idle again, and the first
// that the pool hands out. Those in use are discarded when they meet it.
func Discard(ctx context.Context, db *sql.DB, text string) {
	for range max(1, db.Stats().Idle) {
		conn, err := db.Conn(ctx)
		if err != nil {
			return
		}
		if text != "" {
			_, _ = conn.ExecContext(ctx, text) // which ends the connection, or was not needed
		}
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		_ = conn.Close()
	}
}
