package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore"
)

func Example() {
	ctx := context.Background()
	db, err := sql.Open("sqlite", ":memory:") // by import of modernc.org/sqlite
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1) // each connection to :memory: is a database of its own

	st, err := sqlstore.New(db, sqlstore.Options{Dialect: sqlstore.SQLite})
	if err != nil {
		log.Fatal(err)
	}
	if err := st.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	r := store.Record{ID: "a", Expires: time.Now().Add(time.Hour), Data: []byte("one")}
	fmt.Println("create:", st.Create(ctx, r))

	r.Version, r.Data = 1, []byte("two")
	fmt.Println("save:", st.Save(ctx, r))
	fmt.Println("the same version again is a conflict:", errors.Is(st.Save(ctx, r), store.ErrConflict))
	// Output:
	// create: <nil>
	// save: <nil>
	// the same version again is a conflict: true
}

func ExampleNew_postgreSQL() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, "postgres://app@db.example/app")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	st, err := sqlstore.New(stdlib.OpenDBFromPool(pool), sqlstore.Options{Dialect: sqlstore.PostgreSQL})
	if err != nil {
		log.Fatal(err)
	}
	if err := st.Migrate(ctx); err != nil { // any number of processes may start at once
		log.Fatal(err)
	}
	manager, err := sessions.New(st, sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	go func() { _ = manager.Sweep(ctx, 0) }() // removes expired sessions until ctx ends
}

func ExampleNew_mySQL() {
	db, err := sql.Open("mysql", "app@tcp(db.example)/app?timeout=3s&readTimeout=5s&writeTimeout=5s")
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(50)
	db.SetMaxIdleConns(50)
	db.SetConnMaxIdleTime(5 * time.Minute)
	st, err := sqlstore.New(db, sqlstore.Options{Dialect: sqlstore.MySQL}) // MariaDB too
	if err != nil {
		log.Fatal(err)
	}
	if err := st.Migrate(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func ExampleSchema() {
	script, err := sqlstore.Schema(sqlstore.Options{Dialect: sqlstore.PostgreSQL, Schema: "app"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(script)
	// Output:
	// CREATE TABLE IF NOT EXISTS "app"."sessions" (
	// 	id bytea NOT NULL PRIMARY KEY,
	// 	version bigint NOT NULL,
	// 	expires bigint NOT NULL, -- milliseconds since 1970 in UTC
	// 	due bigint NOT NULL, -- when Sweep looks at the row, expires or earlier
	// 	subject bytea NOT NULL,
	// 	data bytea NOT NULL
	// ) WITH (fillfactor = 85);
	//
	// CREATE INDEX IF NOT EXISTS "sessions_expires" ON "app"."sessions" (due);
	//
	// CREATE INDEX IF NOT EXISTS "sessions_subject" ON "app"."sessions" (substring(subject FROM 1 FOR 256), id) WHERE subject <> '';
}
