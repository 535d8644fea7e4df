// Login is a small application with users: they sign up and in, stay signed in
// if they like, see and end their sessions on other devices, and change their
// password.
//
//	go run ./examples/login [-addr host:port] [-db login.db|memory] [-admin name] [-https]
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
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on; port 0 picks a free one")
	c := config{params: owasp, limits: limits{address: 20, name: 100, browser: 20}, recent: 10 * time.Minute, log: slog.Default()}
	flag.StringVar(&c.db, "db", "login.db", "SQLite file for users and sessions, or memory to keep neither")
	flag.StringVar(&c.admin, "admin", "", "name of the user who is the administrator")
	flag.BoolVar(&c.https, "https", false, "visitors come over HTTPS through one proxy: send Secure cookies, trust X-Forwarded-For")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, *addr, c); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer, addr string, c config) (err error) {
	s, err := newSite(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "listening on http://%s\n", listener.Addr())
	return serve(ctx, listener, s)
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

// serve returns when ctx has ended and nothing uses the site anymore.
func serve(ctx context.Context, listener net.Listener, s *site) error {
	server := newServer(s.handler())
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	for _, m := range []*sessions.Manager{s.sessions, s.browsers} {
		wg.Go(func() { _ = m.Sweep(ctx, 0) }) // removes expired sessions until ctx ends
	}
	wg.Go(func() {
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = errors.Join(server.Shutdown(last), server.Close()) // answers requests that are under way, for 5 seconds
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
