// Example is a site on Gin that counts visits, signs visitors in and out, and
// streams events. Visitors sign in with any name; examples/login has passwords.
//
//	go run ./ginsessions/example [-addr host:port]
//
// A browser gets a page, and curl gets text.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on; port 0 picks a free one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, addr string) error {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{
		Cookie: sessions.CookieOptions{InsecureHTTP: true}, // for plain HTTP on this machine; remove this behind HTTPS
	})
	if err != nil {
		return err
	}
	key := make(sessions.Secret, 32)
	_, _ = rand.Read(key) // never fails; sessions end with the process here, and so may the key
	auth, err := login.New(manager, users{}, login.Options{
		HashKeys: []sessions.Secret{key},
		LoginURL: "/",
		Keep:     []string{string(visits)},
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	gin.SetMode(gin.ReleaseMode)
	return serve(ctx, listener, site(auth), manager)
}

// serve serves visitors and removes expired sessions until ctx ends. When it
// returns, nothing uses the manager.
func serve(ctx context.Context, listener net.Listener, h http.Handler, manager *sessions.Manager) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() { _ = manager.Sweep(ctx, 0) })
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

// user is a user of the site: a name.
type user string

func (u user) UserID() string        { return string(u) }
func (user) SessionAuthHash() []byte { return nil } // there is no password that could change

// users are all names.
type users struct{}

func (users) Authenticate(_ context.Context, name string) (user, error) {
	if name == "" {
		return "", login.ErrCredentials
	}
	return user(name), nil
}

func (users) User(_ context.Context, id string) (user, error) { return user(id), nil }
