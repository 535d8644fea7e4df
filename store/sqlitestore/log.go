package sqlitestore

import (
	"context"
	"database/sql"
	"os"
	"sync/atomic"
)

// The sizes of the write-ahead log, in bytes. SQLite writes its content to the
// database at each fourth MiB, and begins the log again if nobody reads it at
// that moment.
const (
	logKept = 8 << 20  // what SQLite leaves of the file when it begins the log again
	logWait = 16 << 20 // from this size on, a write waits for the readers
)

// writeAhead bounds the write-ahead log of a file. Among readers that are never
// all idle, SQLite alone would let it grow without end.
type writeAhead struct {
	path string
	next atomic.Int64 // the size from which on the next write waits
}

// bound begins the log again if it has become large. It waits for readers for a
// tenth of a second at most, and does so again only when the log has grown by
// logWait, because a long read, such as a backup, must not delay each write.
func (w *writeAhead) bound(ctx context.Context, db *sql.DB) {
	info, err := os.Stat(w.path)
	if err != nil {
		return
	}
	next := w.next.Load()
	switch {
	case info.Size() <= logKept && next > logWait: // the long read is over
		w.next.CompareAndSwap(next, logWait)
		return
	case info.Size() < next || !w.next.CompareAndSwap(next, info.Size()+logWait):
		return
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		w.next.Store(next) // the next write tries
		return
	}
	defer func() { _ = conn.Close() }()
	_, _ = conn.ExecContext(ctx, "PRAGMA busy_timeout = 100")
	var busy, frames, written int
	err = conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(RESTART)").Scan(&busy, &frames, &written)
	if err == nil && busy == 0 {
		w.next.Store(logWait)
	}
	_, _ = conn.ExecContext(context.WithoutCancel(ctx), patient)
}
