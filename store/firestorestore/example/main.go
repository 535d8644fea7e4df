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
	"os/signal"
	"sync"
	"syscall"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/firestorestore"
)

const counter = sessions.Key[int]("counter")

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on; port 0 picks a free one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr); err != nil {
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
	return serve(ctx, listener, manager)
}

// serve serves visitors and removes expired sessions until ctx ends. When it
// returns, nothing uses the manager.
func serve(ctx context.Context, listener net.Listener, manager *sessions.Manager) error {
	server := &http.Server{Handler: manager.Handler(sessions.HandlerFunc(visit)), ReadHeaderTimeout: 10 * time.Second}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() { _ = manager.Sweep(ctx, 0) }) // returns nil at once if the database removes expired sessions itself
	wg.Go(func() {
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = errors.Join(server.Shutdown(last), server.Close()) // lets requests under way finish, for 5 seconds
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func visit(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
	n, err := counter.Update(s, func(n int) int { return n + 1 })
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintln(w, "visit", n)
}
