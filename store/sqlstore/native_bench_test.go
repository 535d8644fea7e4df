package sqlstore_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore"
)

// BenchmarkNative compares loads and saves of this store, over a pgxpool and
// over the pool of database/sql, with the same statements on pgxpool without
// database/sql between, in turns.
func BenchmarkNative(b *testing.B) {
	ctx := b.Context()
	p := pool(b, nil)
	byPool, opts := migrated(b, postgres(b, nil), sqlstore.PostgreSQL)
	config, err := pgx.ParseConfig(testserver.Find(b, testserver.PostgreSQL).Address)
	ok(b, err)
	byConnector, err := sqlstore.New(closed(b, stdlib.OpenDB(*config)), opts)
	ok(b, err)
	text := sqlstore.Statements(byPool)
	r := store.Record{ID: "a", Version: 1, Subject: "ann", Data: make([]byte, 600), Expires: time.Now().Add(time.Hour)}
	ok(b, byPool.Create(ctx, r))

	load := func(st *sqlstore.Store) func() {
		return func() {
			_, err := st.Load(ctx, r.ID)
			ok(b, err)
		}
	}
	compare(b, "load", load(byPool), load(byConnector), func() {
		var got store.Record
		var expires int64
		var subject []byte
		row := p.QueryRow(ctx, text["Load"], []byte(r.ID), time.Now().UnixMilli())
		ok(b, row.Scan(&got.Version, &expires, &subject, &got.Data))
		got.ID, got.Subject, got.Expires = r.ID, string(subject), time.UnixMilli(expires)
	})
	save := func(st *sqlstore.Store) func() {
		return func() {
			ok(b, st.Save(ctx, r))
			r.Version++
		}
	}
	compare(b, "save", save(byPool), save(byConnector), func() {
		tag, err := p.Exec(ctx, text["Save"],
			r.Expires.UnixMilli(), []byte(r.Subject), r.Data, []byte(r.ID), int64(r.Version), time.Now().UnixMilli())
		ok(b, err)
		if tag.RowsAffected() != 1 {
			b.Fatal("a save met no record")
		}
		r.Version++
	})
}

func compare(b *testing.B, name string, byPool, byConnector, native func()) {
	b.Run(name, func(b *testing.B) {
		var times [3][]time.Duration
		for b.Loop() {
			for i, f := range []func(){byPool, byConnector, native} {
				start := time.Now()
				f()
				times[i] = append(times[i], time.Since(start))
			}
		}
		b.ReportMetric(0, "ns/op")
		for i, unit := range []string{"pgxpool-ns", "connector-ns", "native-ns"} {
			b.ReportMetric(float64(percentile(times[i], 50)), unit)
		}
	})
}
