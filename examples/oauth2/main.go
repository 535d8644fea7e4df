// Oauth2 signs visitors in with another site, such as GitHub, instead of a
// password: the authorization code flow of OAuth 2.0 with state and PKCE, which
// are kept in the session of a visitor who is not signed in yet.
//
//	go run ./examples/oauth2                     # with a provider of its own, to try it
//	go run ./examples/oauth2 -provider github    # with OAUTH2_CLIENT_ID and OAUTH2_CLIENT_SECRET
//
// The README has the steps for GitHub.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

func main() {
	set, err := parse(os.Args[1:], os.Getenv)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		os.Exit(2) // package flag has printed the error
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, set); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer, set settings) error {
	listener, err := net.Listen("tcp", set.addr)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	url, err := set.siteURL(listener.Addr())
	if err != nil {
		return err
	}
	var p *provider
	var servers []bound
	if set.provider == "demo" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer func() { _ = l.Close() }()
		var h http.Handler
		if p, h, err = demoProvider(l.Addr(), url+callbackPath); err != nil {
			return err
		}
		servers = append(servers, bound{l, h})
	} else if p, err = set.named(url + callbackPath); err != nil {
		return err
	}
	s, err := newSite(new(memstore.Store), url, p, slog.Default())
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "listening on %s\nvisitors sign in with %s\n", url, p.title)
	return serve(ctx, s.sessions, append(servers, bound{listener, s.handler()})...)
}

// bound is a handler at an address.
type bound struct {
	net.Listener
	http.Handler
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

// serve returns when ctx or one of the servers has ended and nothing uses the
// manager anymore.
func serve(ctx context.Context, manager *sessions.Manager, all ...bound) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() { _ = manager.Sweep(ctx, 0) }) // removes expired sessions until ctx ends
	ended := make(chan error, len(all))
	for _, b := range all {
		server := newServer(b.Handler)
		wg.Go(func() { ended <- server.Serve(b.Listener) })
		wg.Go(func() {
			<-ctx.Done()
			last, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			_ = errors.Join(server.Shutdown(last), server.Close()) // answers requests that are under way, for 5 seconds
		})
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
