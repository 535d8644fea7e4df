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
	codecs := map[string]sessions.Codec{"json": sessions.JSON, "gob": sessions.Gob}
	if codecs[codec] == nil {
		return fmt.Errorf("-codec is json or gob, not %q", codec)
	}
	manager, err := sessions.New(new(memstore.Store), sessions.Options{
		Codec:        codecs[codec],
		InsecureHTTP: true, // this program speaks plain HTTP; leave it out behind TLS
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())

	// Requests that another site's page makes are refused before a session
	// is looked for.
	server := &http.Server{
		Handler:           http.NewCrossOriginProtection().Handler(manager.Handler(pages(codec))),
		ReadHeaderTimeout: 10 * time.Second,
	}
	swept := make(chan struct{})
	go func() {
		defer close(swept)
		_ = manager.Sweep(ctx, 0) // ends with ctx
	}()
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	err = server.Serve(listener)
	if errors.Is(err, http.ErrServerClosed) {
		<-swept
		return nil
	}
	return err
}
