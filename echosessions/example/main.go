// Example is a site in echo: it counts visits, signs users in and out, shows a
// message once, and streams the time to users.
//
//	go run ./echosessions/example [-addr host:port]
package main

import (
	"context"
	"crypto/rand"
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

	"github.com/labstack/echo/v5"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on; port 0 picks a free one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, *addr); err != nil {
		log.Fatal(err)
	}
}

// run serves the site until ctx ends.
func run(ctx context.Context, out io.Writer, addr string) error {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{
		Cookie: sessions.CookieOptions{InsecureHTTP: true}, // for plain HTTP on this machine; remove this behind HTTPS
	})
	if err != nil {
		return err
	}
	key := make(sessions.Secret, 32) // sessions in memory need no key that outlives restarts
	if _, err := rand.Read(key); err != nil {
		return err
	}
	auth, err := login.New(manager, accounts{}, login.Options{HashKeys: []sessions.Secret{key}, LoginURL: "/"})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() { _ = manager.Sweep(ctx, 0) }) // removes expired sessions until ctx ends
	server := echo.StartConfig{
		Address:          addr,
		HideBanner:       true,
		HidePort:         true,
		GracefulTimeout:  5 * time.Second,
		ListenerAddrFunc: func(a net.Addr) { _, _ = fmt.Fprintf(out, "listening on http://%s\n", a) },
		BeforeServeFunc: func(s *http.Server) error {
			s.BaseContext = func(net.Listener) context.Context { return ctx } // so that streams end, too
			return nil
		},
	}
	return server.Start(ctx, site(auth))
}
