package surrealstore_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	surrealdb "github.com/surrealdb/surrealdb.go"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/surrealstore"
)

const namespace = "surrealstore"

// server is where a test's database is.
type server struct {
	url, host, database string
	auth                surrealdb.Auth // of somebody who may do everything
}

// find returns a server with a database of the test's own.
func find(t testing.TB) server {
	t.Helper()
	s := server{database: "test_" + rand.Text()}
	ok(t, s.parse(testserver.Find(t, testserver.SurrealDB).Address))
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		db, err := s.dial(ctx, nil)
		ok(t, err)
		defer db.Close(ctx)
		_, err = surrealdb.Query[any](ctx, db, "REMOVE DATABASE "+s.database, nil)
		ok(t, err)
	})
	return s
}

// parse takes user and password out of an address.
func (s *server) parse(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	s.auth = surrealdb.Auth{Username: u.User.Username()}
	s.auth.Password, _ = u.User.Password()
	s.url, s.host = u.Scheme+"://"+u.Host, u.Host
	return nil
}

// through returns the server behind a proxy.
func (s server) through(p *testserver.Proxy) server {
	s.url, s.host = "ws://"+p.Address, p.Address
	return s
}

// dial returns a client as the documentation says.
func (s server) dial(ctx context.Context, dialer *websocket.Dialer) (*surrealdb.DB, error) {
	conn, err := surrealstore.NewConnection(surrealstore.ConnectionOptions{URL: s.url, Dialer: dialer})
	if err != nil {
		return nil, err
	}
	db, err := surrealdb.FromConnection(ctx, conn)
	if err != nil {
		return nil, err
	}
	return db, s.login(ctx, db)
}

func (s server) login(ctx context.Context, db *surrealdb.DB) error {
	if _, err := db.SignIn(ctx, s.auth); err != nil {
		return err
	}
	return db.Use(ctx, namespace, s.database)
}

// connect returns a client that ends with the test.
func connect(t testing.TB, s server, dialer *websocket.Dialer) *surrealdb.DB {
	t.Helper()
	db, err := s.dial(t.Context(), dialer)
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close(context.WithoutCancel(t.Context()))) })
	return db
}

// open returns a store whose table is there.
func open(t testing.TB, db *surrealdb.DB) *surrealstore.Store {
	t.Helper()
	st, err := surrealstore.New(db, surrealstore.Options{})
	ok(t, err)
	ok(t, st.Migrate(t.Context()))
	return st
}

// do executes a statement.
func do[T any](t testing.TB, db *surrealdb.DB, statement string, vars map[string]any) T {
	t.Helper()
	results, err := surrealdb.Query[T](t.Context(), db, statement, vars)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return (*results)[0].Result
}

// product returns the server's name and version.
func product(t testing.TB, db *surrealdb.DB) string {
	t.Helper()
	v, err := db.Version(t.Context())
	ok(t, err)
	return fmt.Sprint("SurrealDB ", v.Version)
}

// record returns one that lives for an hour.
func record(id string) store.Record {
	return store.Record{ID: id, Version: 1, Subject: "ann", Data: []byte("data"), Expires: time.Now().Add(time.Hour).Truncate(time.Millisecond)}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// bare returns a store whose table is as it is.
func bare(t testing.TB, db *surrealdb.DB) *surrealstore.Store {
	t.Helper()
	st, err := surrealstore.New(db, surrealstore.Options{})
	ok(t, err)
	return st
}
