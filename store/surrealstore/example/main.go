// Example counts visits in sessions that are kept in SurrealDB, by a user who
// may make the namespace and the database "example".
//
//	SURREALDB_URL=ws://localhost:8000 SURREALDB_USER=root SURREALDB_PASSWORD=root go run ./store/surrealstore/example
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	surrealdb "github.com/surrealdb/surrealdb.go"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/surrealstore"
)

const counter = sessions.Key[int]("counter")

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on; port 0 picks a free one")
	flag.Parse()
	if err := run(context.Background(), *addr); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, addr string) (err error) {
	conn, err := surrealstore.NewConnection(surrealstore.ConnectionOptions{URL: os.Getenv("SURREALDB_URL")})
	if err != nil {
		return err
	}
	db, err := surrealdb.FromConnection(ctx, conn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close(ctx)) }()
	if _, err := db.SignIn(ctx, surrealdb.Auth{Username: os.Getenv("SURREALDB_USER"), Password: os.Getenv("SURREALDB_PASSWORD")}); err != nil {
		return err
	}
	if err := db.Use(ctx, "example", "example"); err != nil {
		return err
	}
	st, err := surrealstore.New(db, surrealstore.Options{})
	if err != nil {
		return err
	}
	if err := st.Migrate(ctx); err != nil {
		return err
	}
	manager, err := sessions.New(st, sessions.Options{
		Cookie: sessions.CookieOptions{InsecureHTTP: true}, // for plain HTTP on this machine; remove this behind HTTPS
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	return http.Serve(listener, manager.Handler(sessions.HandlerFunc(visit)))
}

func visit(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
	n, err := counter.Update(s, func(n int) int { return n + 1 })
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintln(w, "visit", n)
}
