package cachestore_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/cachestore"
	"github.com/gosessions/sessions/store/memstore"
	"github.com/gosessions/sessions/store/redisstore"
	"github.com/gosessions/sessions/store/sqlitestore"
	"github.com/gosessions/sessions/store/sqlstore"
)

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, backend store.Store, opts cachestore.Options) *cachestore.Store {
	t.Helper()
	st, err := cachestore.New(backend, opts)
	ok(t, err)
	return st
}

func record(id string) store.Record {
	return store.Record{ID: id, Version: 1, Subject: "ann", Expires: time.Now().Add(time.Hour), Data: []byte("x")}
}

// fresh creates a record under an id of its own.
func fresh(t testing.TB, st store.Store) store.Record {
	t.Helper()
	r := record(rand.Text())
	ok(t, st.Create(t.Context(), r))
	return r
}

// sees fails the test unless Load finds the record at the version; 0 is none.
func sees(t testing.TB, st store.Store, id string, version uint64) {
	t.Helper()
	r, err := st.Load(t.Context(), id)
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	ok(t, err)
	if r.Version != version {
		t.Errorf("load sees version %d, want %d", r.Version, version)
	}
}

// bare hides the optional methods of a store.
type bare struct{ store.Store }

// backends are the stores that the cache is put in front of.
var backends = map[string]func(t testing.TB) (store.Store, string){
	"memstore": func(testing.TB) (store.Store, string) { return new(memstore.Store), "memstore" },
	"four methods": func(testing.TB) (store.Store, string) {
		return bare{new(memstore.Store)}, "a store of four methods"
	},
	"sqlitestore": func(t testing.TB) (store.Store, string) {
		st, err := sqlitestore.Open(filepath.Join(t.TempDir(), "sessions.db"))
		ok(t, err)
		t.Cleanup(func() { _ = st.Close() })
		return st, "sqlitestore"
	},
	"PostgreSQL": func(t testing.TB) (store.Store, string) {
		p := pool(t, testserver.Find(t, testserver.PostgreSQL).Address)
		var version string
		ok(t, p.QueryRow(t.Context(), "SHOW server_version").Scan(&version))
		st, _ := table(t, p)
		return st, "PostgreSQL " + version
	},
	"Redis": func(t testing.TB) (store.Store, string) {
		opts, err := rueidis.ParseURL(testserver.Find(t, testserver.Redis).Address)
		ok(t, err)
		opts.DisableRetry = true // as redisstore wants it
		client, err := rueidis.NewClient(opts)
		ok(t, err)
		t.Cleanup(client.Close)
		st, err := redisstore.New(client, redisstore.Options{Prefix: "cachestore-" + rand.Text() + ":"})
		ok(t, err)
		info, err := client.Do(t.Context(), client.B().Info().Section("server").Build()).ToString()
		ok(t, err)
		_, version, _ := strings.Cut(info, "redis_version:")
		version, _, _ = strings.Cut(version, "\r\n")
		return st, "Redis " + version
	},
}

func pool(t testing.TB, address string) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(address)
	ok(t, err)
	config.MaxConns = 16
	config.ConnConfig.RuntimeParams["application_name"] = rand.Text()
	p, err := pgxpool.NewWithConfig(t.Context(), config)
	ok(t, err)
	t.Cleanup(p.Close)
	return p
}

// table returns a store on a new table, which goes with the test, and its name.
func table(t testing.TB, p *pgxpool.Pool) (*sqlstore.Store, string) {
	t.Helper()
	name := "cachestore_" + fmt.Sprintf("%x", rand.Text())
	db := stdlib.OpenDBFromPool(p)
	st, err := onTable(db, name)
	ok(t, err)
	t.Cleanup(func() {
		_, _ = db.Exec("DROP TABLE IF EXISTS " + name)
		_ = db.Close()
	})
	ok(t, st.Migrate(t.Context()))
	return st, name
}

func onTable(db *sql.DB, name string) (*sqlstore.Store, error) {
	return sqlstore.New(db, sqlstore.Options{Dialect: sqlstore.PostgreSQL, Table: name[:min(len(name), 50)]})
}

// listen runs st.Listen until the test is over, and returns when it is ready.
func listen(t testing.TB, st *cachestore.Store) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = st.Listen(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	testserver.Until(t, 20*time.Second, "the cache is used", st.Ready)
}
