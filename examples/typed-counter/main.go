// Typed-counter counts your visits in a session with a typed key, and keeps
// what it knows of you in a typed struct.
//
//	go run ./examples/typed-counter [-addr host:port] [-codec json|gob]
//
// A browser gets a page, curl gets the number.
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
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on; port 0 picks a free one")
	codec := flag.String("codec", "json", "how values are stored: json or gob")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *addr, *codec); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, addr, codec string) error {
	manager, err := newManager(new(memstore.Store), codec)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())

	server := &http.Server{Handler: site(manager, codec), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = manager.Sweep(ctx, 0) }() // removes expired sessions until ctx ends
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// codecs are the ways to store values.
var codecs = map[string]sessions.Codec{"json": sessions.JSON, "gob": sessions.Gob}

func newManager(st store.Store, codec string) (*sessions.Manager, error) {
	if codecs[codec] == nil {
		return nil, fmt.Errorf("-codec is json or gob, not %q", codec)
	}
	return sessions.New(st, sessions.Options{
		Codec:        codecs[codec],
		InsecureHTTP: true, // this program speaks plain HTTP; leave it out behind TLS
	})
}

// site returns the pages with their sessions. What another site's page posts
// is refused before a session is looked for.
func site(manager *sessions.Manager, codec string) http.Handler {
	return http.NewCrossOriginProtection().Handler(manager.Handler(pages(codec)))
}
