// Example counts visits in sessions that are kept in Firestore, of a project or
// of the emulator.
//
//	GOOGLE_CLOUD_PROJECT=my-project go run ./store/firestorestore/example
//	FIRESTORE_EMULATOR_HOST=localhost:8080 GOOGLE_CLOUD_PROJECT=demo go run ./store/firestorestore/example -addr 127.0.0.1:8081
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

	"cloud.google.com/go/firestore"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/firestorestore"
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
	client, err := firestore.NewClient(ctx, os.Getenv("GOOGLE_CLOUD_PROJECT"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	st, err := firestorestore.New(client, firestorestore.Options{Collection: "sessions-example"})
	if err != nil {
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
