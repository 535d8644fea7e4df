package sqlitestore_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gosessions/sessions/store/sqlitestore"
)

// logSize returns the size of the file's write-ahead log.
func logSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path + "-wal")
	ok(t, err)
	return info.Size()
}

// write creates megabytes of records, each a tenth of one.
func write(t *testing.T, st *sqlitestore.Store, name string, megabytes int) {
	t.Helper()
	for i := range 10 * megabytes {
		r := record(fmt.Sprint(name, i))
		r.Subject, r.Data = "", make([]byte, 100_000)
		ok(t, st.Create(t.Context(), r))
	}
}

const megabyte = 1 << 20

// TestLogStaysSmallThoughSomebodyReadsAllTheTime: SQLite itself begins the log
// again only at a moment when nobody reads it.
func TestLogStaysSmallThoughSomebodyReadsAllTheTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	st := open(t, path)
	for i := range 10 { // so few that a read is short on a busy machine, too
		r := record(fmt.Sprint("read", i))
		r.Data = make([]byte, 20_000)
		ok(t, st.Create(t.Context(), r))
	}
	var wg sync.WaitGroup
	end := make(chan struct{})
	for range 8 {
		wg.Go(func() {
			for {
				for _, err := range st.List(t.Context(), "ann") {
					if err != nil {
						t.Error(err)
					}
				}
				select {
				case <-end:
					return
				default:
				}
			}
		})
	}
	write(t, st, "a", 60)
	if size := logSize(t, path); size > 40*megabyte {
		t.Errorf("the log has %d MiB", size/megabyte)
	}
	close(end)
	wg.Wait()
}

// TestLogShrinksAfterALongRead: such as a backup, which holds no write up.
func TestLogShrinksAfterALongRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	st := open(t, path)
	write(t, st, "before", 1)
	db, err := sql.Open("sqlite", "file:"+path)
	ok(t, err)
	defer func() { ok(t, db.Close()) }()
	tx, err := db.Begin()
	ok(t, err)
	var n int
	ok(t, tx.QueryRow("SELECT COUNT(*) FROM sessions").Scan(&n))
	write(t, st, "during", 60)
	if size := logSize(t, path); size < 60*megabyte {
		t.Errorf("the log has %d MiB although somebody needs it all", size/megabyte)
	}
	ok(t, tx.Rollback())
	write(t, st, "after", 6)
	if size := logSize(t, path); size > 16*megabyte {
		t.Errorf("the log has %d MiB", size/megabyte)
	}
}
