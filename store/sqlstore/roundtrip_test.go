package sqlstore_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore"
)

func TestEachCallIsOneRoundTrip(t *testing.T) {
	var trips testserver.Trips
	for name, open := range map[string]func(t *testing.T) (*sql.DB, sqlstore.Dialect){
		"PostgreSQL by pgxpool": func(t *testing.T) (*sql.DB, sqlstore.Dialect) {
			return postgres(t, func(c *pgxpool.Config) { c.ConnConfig.DialFunc = trips.Dial }), sqlstore.PostgreSQL
		},
		"PostgreSQL by connector": func(t *testing.T) (*sql.DB, sqlstore.Dialect) {
			config, err := pgx.ParseConfig(testserver.Find(t, testserver.PostgreSQL).Address)
			ok(t, err)
			config.DialFunc = trips.Dial
			return closed(t, stdlib.OpenDB(*config)), sqlstore.PostgreSQL
		},
		"MariaDB": func(t *testing.T) (*sql.DB, sqlstore.Dialect) {
			return mariadb(t, testserver.MariaDB, func(c *mysql.Config) { c.DialFunc = trips.Dial }), sqlstore.MySQL
		},
		"MySQL": func(t *testing.T) (*sql.DB, sqlstore.Dialect) {
			return mariadb(t, testserver.MySQL, func(c *mysql.Config) { c.DialFunc = trips.Dial }), sqlstore.MySQL
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, dialect := open(t)
			st, _ := migrated(t, db, dialect)
			db.SetMaxOpenConns(1) // which the first round warms
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
func calls(ctx context.Context, st *sqlstore.Store, id string) []call {
	r := store.Record{ID: id, Version: 1, Subject: "ann", Data: []byte("data"), Expires: time.Now().Add(time.Hour)}
	return []call{
		{"Create", func() error { return st.Create(ctx, r) }},
		{"Load", func() error { _, err := st.Load(ctx, id); return err }},
		{"Save", func() error { return st.Save(ctx, r) }},
		{"Touch", func() error { return st.Touch(ctx, id, 2, r.Expires.Add(time.Hour)) }},
		{"List", func() error {
			for _, err := range st.List(ctx, "ann") {
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
