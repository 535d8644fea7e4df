package sqlstore_test

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore"
)

// TestR104_SweepIsLinearWhileASnapshotIsHeld: PostgreSQL keeps the entries of
// removed rows in the index until no transaction can see the rows any more, and
// a Sweep must not walk over those that the ones before it have left.
func TestR104_SweepIsLinearWhileASnapshotIsHeld(t *testing.T) {
	const batches, limit = 40, 100
	db := postgres(t, nil)
	_, opts := migrated(t, db, sqlstore.PostgreSQL)
	fill(t, db, opts, 5)
	conn, err := db.Conn(t.Context())
	ok(t, err)
	defer func() { ok(t, conn.Close()) }()
	for _, text := range []string{"BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT 1"} {
		_, err := conn.ExecContext(t.Context(), text)
		ok(t, err)
	}
	defer func() {
		_, err := conn.ExecContext(t.Context(), "ROLLBACK")
		ok(t, err)
	}()

	other := postgres(t, nil)
	other.SetMaxOpenConns(1) // so that its statistics are all there
	st, err := sqlstore.New(other, opts)
	ok(t, err)
	read := func() (n int) {
		t.Helper()
		_, err := other.Exec("SELECT pg_stat_force_next_flush()")
		ok(t, err)
		ok(t, other.QueryRow("SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = $1", opts.Table+"_expires").Scan(&n))
		return n
	}
	before := read()
	for range batches {
		n, err := st.Sweep(t.Context(), limit)
		if n != limit || err != nil {
			t.Fatalf("Sweep removed %d, error %v", n, err)
		}
	}
	if n := read() - before; n > 3*batches*limit {
		t.Errorf("read %d index entries to remove %d records", n, batches*limit)
	}
}

// TestR104_SweepFindsWhatExpiredBeforeTheLastRemoved: after it has gone on from
// there, with and without full batches.
func TestR104_SweepFindsWhatExpiredBeforeTheLastRemoved(t *testing.T) {
	each(t, func(t *testing.T, _ *sql.DB, st *sqlstore.Store, _ sqlstore.Options) {
		now := time.Now()
		create := func(id string, ago time.Duration) {
			t.Helper()
			ok(t, st.Create(t.Context(), store.Record{ID: id, Expires: now.Add(-ago)}))
		}
		sweep := func(limit, want int) {
			t.Helper()
			if n, err := st.Sweep(t.Context(), limit); n != want || err != nil {
				t.Errorf("Sweep(%d) removed %d, error %v; want %d", limit, n, err, want)
			}
		}
		for i := range 5 {
			create(fmt.Sprint("late", i), time.Duration(10-i)*time.Second)
		}
		sweep(2, 2)
		for i := range 3 {
			create(fmt.Sprint("early", i), time.Hour)
		}
		sweep(2, 2)
		sweep(2, 2) // one that is left, and one from the beginning
		sweep(2, 2)
		sweep(2, 0)
		create("ancient", 100*365*24*time.Hour) // before 1970
		sweep(1, 1)
		create("live", -time.Hour)
		sweep(10, 0)
	})
}
