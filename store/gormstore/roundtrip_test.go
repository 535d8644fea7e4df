package gormstore_test

import (
	"context"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/gormstore"
)

// TestEachCallIsOneRoundTrip: one statement, and no transaction around it.
func TestEachCallIsOneRoundTrip(t *testing.T) {
	var trips testserver.Trips
	dial := func(c *driver.Config) { c.DialFunc = trips.Dial }
	for _, e := range []engine{
		{name: "PostgreSQL", dialector: func(t testing.TB) gorm.Dialector {
			config, err := pgx.ParseConfig(testserver.Find(t, testserver.PostgreSQL).Address)
			ok(t, err)
			config.DialFunc = trips.Dial
			return postgres.New(postgres.Config{Conn: stdlib.OpenDB(*config)})
		}},
		{name: "MariaDB", dialector: mySQL(testserver.MariaDB, dial), prepare: true},
		{name: "MySQL", dialector: mySQL(testserver.MySQL, dial), prepare: true},
	} {
		t.Run(e.name, func(t *testing.T) {
			db := e.open(t)
			st := migrated(t, db, gormstore.Options{Model: &Session{}, Columns: columns})
			pool, err := db.DB()
			ok(t, err)
			pool.SetMaxOpenConns(1) // which the first round warms
			for round := range 3 {
				for _, call := range calls(t.Context(), st, string(rune('a'+round))) {
					before := trips.Count()
					ok(t, call.run())
					if n := trips.Count() - before; round > 0 && n != 1 {
						t.Errorf("%s took %d round trips", call.name, n)
					}
				}
			}
		})
	}
}

type call struct {
	name string
	run  func() error
}

// calls are all calls of a store, on a record that they make and remove.
func calls(ctx context.Context, st *gormstore.Store, id string) []call {
	r := store.Record{ID: id, Version: 1, Subject: "7654321", Data: []byte("s3cret"), Expires: time.Now().Add(time.Hour)}
	return []call{
		{"Create", func() error { return st.Create(ctx, r) }},
		{"Load", func() error { _, err := st.Load(ctx, id); return err }},
		{"Save", func() error { return st.Save(ctx, r) }},
		{"Touch", func() error { return st.Touch(ctx, id, 2, r.Expires.Add(time.Hour)) }},
		{"List", func() error {
			for _, err := range st.List(ctx, r.Subject) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"Sweep", func() error { _, err := st.Sweep(ctx, 10); return err }},
		{"Delete", func() error { return st.Delete(ctx, id) }},
	}
}
