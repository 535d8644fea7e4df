package sqlstore_test

import (
	"context"
	"database/sql"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/gosessions/sessions/internal/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore"
)

// trips counts round trips of connections: how often something is sent after
// something was received.
type trips struct{ n atomic.Int64 }

type countedConn struct {
	net.Conn
	trips  *trips
	answer atomic.Bool // what was received last was no part of a question
}

func (c *countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.answer.Store(true)
	}
	return n, err
}

func (c *countedConn) Write(b []byte) (int, error) {
	if c.answer.Swap(false) {
		c.trips.n.Add(1)
	}
	return c.Conn.Write(b)
}

func (t *trips) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &countedConn{Conn: conn, trips: t}, nil
}

func TestEachCallIsOneRoundTrip(t *testing.T) {
	var trips trips
	for name, open := range map[string]func(t *testing.T) (*sql.DB, sqlstore.Dialect){
		"PostgreSQL by pgxpool": func(t *testing.T) (*sql.DB, sqlstore.Dialect) {
			return postgres(t, func(c *pgxpool.Config) { c.ConnConfig.DialFunc = trips.dial }), sqlstore.PostgreSQL
		},
		"PostgreSQL by connector": func(t *testing.T) (*sql.DB, sqlstore.Dialect) {
			config, err := pgx.ParseConfig(testserver.Find(t, testserver.PostgreSQL).Address)
			ok(t, err)
			config.DialFunc = trips.dial
			return closed(t, stdlib.OpenDB(*config)), sqlstore.PostgreSQL
		},
		"MariaDB": func(t *testing.T) (*sql.DB, sqlstore.Dialect) {
			return mariadb(t, testserver.MariaDB, func(c *mysql.Config) { c.DialFunc = trips.dial }), sqlstore.MySQL
		},
		"MySQL": func(t *testing.T) (*sql.DB, sqlstore.Dialect) {
			return mariadb(t, testserver.MySQL, func(c *mysql.Config) { c.DialFunc = trips.dial }), sqlstore.MySQL
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, dialect := open(t)
			st, _ := migrated(t, db, dialect)
			db.SetMaxOpenConns(1) // which the first round warms
			for round := range 3 {
				for _, call := range calls(t.Context(), st, string(rune('a'+round))) {
					before := trips.n.Load()
					ok(t, call.run())
					if n := trips.n.Load() - before; round > 0 && n != 1 {
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
