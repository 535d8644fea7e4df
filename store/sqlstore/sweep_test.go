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

func TestR104_SweepRemovesWhatASaveHasEndedEarly(t *testing.T) {
	each(t, func(t *testing.T, _ *sql.DB, st *sqlstore.Store, _ sqlstore.Options) {
		r := store.Record{ID: "a", Version: 1, Expires: time.Now().Add(time.Hour)}
		ok(t, st.Create(t.Context(), r))
		ok(t, st.Touch(t.Context(), r.ID, r.Version, r.Expires.Add(time.Hour)))
		r.Expires = time.Now().Add(-time.Second)
		ok(t, st.Save(t.Context(), r))
		if n, err := st.Sweep(t.Context(), 10); n != 1 || err != nil {
			t.Errorf("Sweep removed %d, error %v; want 1", n, err)
		}
	})
}

// TestR104_SweepLeavesWhatIsDueAndLive: PostgreSQL's Sweep looks at records that
// have been extended.
func TestR104_SweepLeavesWhatIsDueAndLive(t *testing.T) {
	db := postgres(t, nil)
	st, opts := migrated(t, db, sqlstore.PostgreSQL)
	for i := range 20 {
		r := store.Record{ID: fmt.Sprint(i), Version: 1, Expires: time.Now().Add(time.Hour)}
		if i%2 == 0 {
			r.Expires = time.Now().Add(-time.Second)
		}
		ok(t, st.Create(t.Context(), r))
	}
	_, err := db.Exec("UPDATE " + opts.Table + " SET due = 1")
	ok(t, err)
	for _, want := range []int{3, 3, 3, 1, 0} {
		if n, err := st.Sweep(t.Context(), 3); n != want || err != nil {
			t.Errorf("Sweep removed %d, error %v; want %d", n, err, want)
		}
	}
	for i := 1; i < 20; i += 2 {
		_, err := st.Load(t.Context(), fmt.Sprint(i))
		ok(t, err)
	}
}

// TestSavesAndTouchesWriteToNoIndexOfPostgreSQL, but for one of several.
func TestSavesAndTouchesWriteToNoIndexOfPostgreSQL(t *testing.T) {
	const writes = 200
	db := postgres(t, nil)
	db.SetMaxOpenConns(1) // so that its statistics are all there
	st, opts := migrated(t, db, sqlstore.PostgreSQL)
	r := store.Record{ID: "a", Version: 1, Subject: "ann", Data: make([]byte, 600), Expires: time.Now().Add(time.Hour)}
	ok(t, st.Create(t.Context(), r))
	for range writes / 2 {
		r.Expires = r.Expires.Add(10 * time.Second)
		ok(t, st.Save(t.Context(), r))
		r.Version++
		r.Expires = r.Expires.Add(10 * time.Second)
		ok(t, st.Touch(t.Context(), r.ID, r.Version, r.Expires))
	}
	_, err := db.Exec("SELECT pg_stat_force_next_flush()")
	ok(t, err)
	var updates, heapOnly int
	ok(t, db.QueryRow("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = $1", opts.Table).Scan(&updates, &heapOnly))
	if updates < writes || updates-heapOnly > 5 {
		t.Errorf("%d of %d updates were heap-only", heapOnly, updates)
	}
}
