// Example is a site in fiber: it counts visits, signs users in and out, shows a
// message once, and streams the time to users.
//
//	go run ./fibersessions/example [-addr host:port]
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
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v3"

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
	_, _ = rand.Read(key)
	auth, err := login.New(manager, accounts{}, login.Options{HashKeys: []sessions.Secret{key}, LoginURL: "/"})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() { _ = manager.Sweep(ctx, 0) }) // removes expired sessions until ctx ends
	app := site(ctx, auth)
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		stopped <- app.ShutdownWithTimeout(5 * time.Second) // lets requests under way finish
	}()
	_, _ = fmt.Fprintf(out, "listening on http://%s\n", listener.Addr())
	err = app.Listener(listener, fiber.ListenConfig{DisableStartupMessage: true})
	cancel()
	return errors.Join(err, <-stopped)
}
