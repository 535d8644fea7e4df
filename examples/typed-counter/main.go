// Typed-counter counts your visits in a session with a typed key, and keeps
// what it knows about you in a typed struct.
//
//	go run ./examples/typed-counter [-addr host:port] [-codec json|gob] [-store memory|sqlite:file.db|bbolt:file.bolt]
//
// A browser gets a page, and curl gets the number.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on; port 0 picks a free one")
	codec := flag.String("codec", "json", "how values are stored: json or gob")
	where := flag.String("store", "memory", "where sessions are kept: memory, sqlite:file.db or bbolt:file.bolt; files survive a restart")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, *addr, *codec, *where); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer, addr, codec, where string) (err error) {
	st, err := openStore(where)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore(st)) }()
	manager, err := newManager(st, codec)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "listening on http://%s\n", listener.Addr())
	return serve(ctx, listener, manager, codec)
}

// newServer returns a server that no slow client holds on to.
func newServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
	}
}

// serve serves the site until ctx ends. When it returns, nothing uses the
// manager.
func serve(ctx context.Context, listener net.Listener, manager *sessions.Manager, codec string) error {
	server := newServer(site(manager, codec))
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() { _ = manager.Sweep(ctx, 0) }) // removes expired sessions until ctx ends
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

// codecs are the values of -codec.
var codecs = map[string]sessions.Codec{"json": sessions.JSON, "gob": sessions.Gob}

func newManager(st store.Store, codec string) (*sessions.Manager, error) {
	if codecs[codec] == nil {
		return nil, fmt.Errorf("-codec is json or gob, not %q", codec)
	}
	opts := sessions.Options{
		Codec:  codecs[codec],
		Cookie: sessions.CookieOptions{InsecureHTTP: true}, // this program serves plain HTTP; remove this behind TLS
	}
	for name, c := range codecs {
		if name != codec { // an earlier run may have stored values with it
			opts.OldCodecs = append(opts.OldCodecs, c)
		}
	}
	return sessions.New(st, opts)
}

// site returns the pages with their sessions. Posts from other sites are
// refused before a session is loaded. Requests may have 16 KiB.
func site(manager *sessions.Manager, codec string) http.Handler {
	return http.MaxBytesHandler(http.NewCrossOriginProtection().Handler(manager.Handler(pages(codec))), 16<<10)
}
