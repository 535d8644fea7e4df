// Example is a site in echo: it counts visits, signs users in and out, shows a
// message once, and streams the time to users.
//
//	go run ./echo4sessions/example [-addr host:port]
package main

import (
	"context"
	"crypto/rand"
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
	e := site(auth)
	e.HideBanner, e.HidePort = true, true
	e.Server.BaseContext = func(net.Listener) context.Context { return ctx } // so that streams end, too
	if e.Listener, err = net.Listen("tcp", addr); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "listening on http://%s\n", e.Listener.Addr())
	wg.Go(func() {
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = errors.Join(e.Shutdown(last), e.Close()) // lets requests under way finish, for 5 seconds
	})
	if err := e.Start(""); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
