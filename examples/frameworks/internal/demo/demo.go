// Package demo has what the programs need beside sessions and their framework:
// a server, and users.
package demo

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// Serve serves a site at the address of the flag -addr, until the process gets
// SIGINT or SIGTERM.
func Serve(site func() (http.Handler, error)) {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on; port 0 picks a free one")
	flag.Parse()
	if err := serve(*addr, site); err != nil {
		log.Fatal(err)
	}
}

func serve(addr string, site func() (http.Handler, error)) error {
	h, err := site()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx }, // ends streams, too
	}
	ended := make(chan error, 1)
	go func() {
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		ended <- server.Shutdown(last)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-ended
}

// Account is a user.
type Account struct {
	Name string `json:"name"`
}

// UserID returns the name, which never changes here.
func (a Account) UserID() string { return a.Name }

// SessionAuthHash returns nil, because no password can be changed here.
func (a Account) SessionAuthHash() []byte { return nil }

// Credentials are what a visitor types.
type Credentials struct {
	Name     string `json:"name" maxLength:"100"`
	Password string `json:"password" maxLength:"100"`
}

// Accounts are the users ann and bob, whose password is "secret". Programs with
// real users keep hashes of their passwords: see login.Passwords.
type Accounts struct{}

// Authenticate implements [login.Backend].
func (a Accounts) Authenticate(ctx context.Context, c Credentials) (Account, error) {
	if subtle.ConstantTimeCompare([]byte(c.Password), []byte("secret")) != 1 {
		return Account{}, login.ErrCredentials
	}
	return a.User(ctx, c.Name)
}

// User implements [login.Backend].
func (Accounts) User(_ context.Context, id string) (Account, error) {
	if id != "ann" && id != "bob" {
		return Account{}, login.ErrNoUser
	}
	return Account{Name: id}, nil
}

// HashKeys returns a new key for login.Options.HashKeys. It will do as long as
// sessions do not outlive the program; otherwise the key must be stored.
func HashKeys() []sessions.Secret {
	key := make(sessions.Secret, 32)
	_, _ = rand.Read(key) // never fails
	return []sessions.Secret{key}
}
