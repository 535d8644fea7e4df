package cachestore_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/cachestore"
	"github.com/gosessions/sessions/store/memstore"
	"github.com/gosessions/sessions/store/sqlstore"
)

func Example() {
	ctx := context.Background()
	st, err := cachestore.New(new(memstore.Store), cachestore.Options{MaxStale: 10 * time.Second})
	if err != nil {
		log.Fatal(err)
	}
	_ = st.Create(ctx, store.Record{ID: "a", Expires: time.Now().Add(time.Hour), Data: []byte("one")})
	for range 3 {
		_, _ = st.Load(ctx, "a")
	}
	fmt.Printf("%+v\n", st.Stats())

	_ = st.Delete(ctx, "a")
	_, err = st.Load(ctx, "a")
	fmt.Println(err)
	// Output:
	// {Hits:3 Misses:0 Refused:0 Failures:0}
	// store: record not found
}

// Processes that share a table of PostgreSQL tell each other of writes.
// Notifications is the example of Channel.
func ExampleStore_Listen() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, "postgres://app@db.example/app")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	backend, err := sqlstore.New(stdlib.OpenDBFromPool(pool), sqlstore.Options{Dialect: sqlstore.PostgreSQL})
	if err != nil {
		log.Fatal(err)
	}
	st, err := cachestore.New(backend, cachestore.Options{
		MaxStale: 30 * time.Second, // if a message is lost
		Channel:  Notifications{Pool: pool, Name: "sessions"},
		OnError:  func(err error) { log.Print(err) },
	})
	if err != nil {
		log.Fatal(err)
	}
	go func() { _ = st.Listen(ctx) }() // until ctx ends; the cache is used while it is connected
	manager, err := sessions.New(st, sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	go func() { _ = manager.Sweep(ctx, 0) }()
}
