package gormstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/gormstore"
)

// TestR104_SweepIsLinearWhileASnapshotIsHeld: PostgreSQL keeps the entries of
// removed rows in the index until no transaction can see the rows any more, and
// a Sweep must not walk over those that the ones before it have left.
func TestR104_SweepIsLinearWhileASnapshotIsHeld(t *testing.T) {
	const batches, limit = 40, 50
	db := engines[0].open(t)
	st := migrated(t, db, gormstore.Options{})
	table := db.NamingStrategy.TableName("Session")
	ok(t, db.Exec("INSERT INTO "+table+" (id, version, expires, subject, data)"+
		" SELECT convert_to(concat('id-', i), 'UTF8'), 1, i, '', '' FROM generate_series(1, ?) AS i", 20*batches*limit).Error)
	ok(t, db.Exec("ANALYZE "+table).Error)
	holder := engines[0].open(t).Begin()
	ok(t, holder.Exec("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").Error)
	ok(t, holder.Exec("SELECT 1").Error)
	defer func() { ok(t, holder.Rollback().Error) }()

	pool, err := db.DB()
	ok(t, err)
	pool.SetMaxOpenConns(1) // so that its statistics are all there
	read := func() (n int) {
		t.Helper()
		ok(t, db.Exec("SELECT pg_stat_force_next_flush()").Error)
		index := db.NamingStrategy.IndexName(table, "expires")
		ok(t, db.Raw("SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = ?", index).Scan(&n).Error)
		return n
	}
	before := read()
	for range batches {
		n, err := st.Sweep(t.Context(), limit)
		if n != limit || err != nil {
			t.Fatalf("Sweep removed %d, error %v", n, err)
		}
	}
	if n := read() - before; n == 0 || n > 5*batches*limit {
		t.Errorf("read %d index entries to remove %d records", n, batches*limit)
	}
}

// TestR104_SweepFindsWhatExpiredBeforeTheLastRemoved: after it has gone on from
// there.
func TestR104_SweepFindsWhatExpiredBeforeTheLastRemoved(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		st := migrated(t, e.open(t), gormstore.Options{})
		now := time.Now()
		create := func(id string, ago time.Duration) {
			t.Helper()
			ok(t, st.Create(t.Context(), store.Record{ID: id, Expires: now.Add(-ago)}))
		}
		for i := range 5 {
			create(fmt.Sprint("late", i), time.Duration(10-i)*time.Second)
		}
		for i, want := range []int{2, 2, 2, 0} {
			if i == 1 {
				create("early", time.Hour)
			}
			if n, err := st.Sweep(t.Context(), 2); n != want || err != nil {
				t.Errorf("Sweep removed %d, error %v; want %d", n, err, want)
			}
		}
	})
}
