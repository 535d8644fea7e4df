// Example is a Connect server with sessions: it counts visits, signs callers in
// and out, and streams. Browsers and curl can call it, too:
//
//	go run ./connectsessions/example
//	curl -c jar -b jar --json '""' http://127.0.0.1:8080/example.Visits/Count
//	curl -c jar -b jar --json '"ann"' http://127.0.0.1:8080/example.Visits/SignIn
//	curl -c jar -b jar --json '{}' http://127.0.0.1:8080/example.Visits/SignOut
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
	"syscall"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/connectsessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

const counter = sessions.Key[int64]("counter")

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on; port 0 picks a free one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, *addr); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer, addr string) error {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{
		Cookie: sessions.CookieOptions{InsecureHTTP: true}, // for plain HTTP on this machine; remove this behind HTTPS
	})
	if err != nil {
		return err
	}
	key := make(sessions.Secret, 32) // keep yours, so that users stay signed in when the program restarts
	_, _ = rand.Read(key)
	auth, err := login.New(manager, people{}, login.Options{HashKeys: []sessions.Secret{key}})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "listening on http://%s\n", listener.Addr())
	return serve(ctx, listener, procedures(auth))
}

// serve serves HTTP/1 and HTTP/2 until ctx ends.
func serve(ctx context.Context, listener net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, Protocols: new(http.Protocols)}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true) // clients of gRPC need it
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = errors.Join(server.Shutdown(last), server.Close()) // lets calls under way finish, for 5 seconds
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-stopped
	return nil
}

type (
	authentication = login.Manager[person, string]
	empty          = emptypb.Empty
	number         = wrapperspb.Int64Value
	text           = wrapperspb.StringValue
)

// procedures returns the service. Everyone may count and sign in.
func procedures(auth *authentication) http.Handler {
	v := visits{auth}
	options := connect.WithInterceptors(connectsessions.New(auth,
		connectsessions.RequireLogin(auth, "/example.Visits/Count", "/example.Visits/SignIn")))
	mux := http.NewServeMux()
	mux.Handle("/example.Visits/Count", connect.NewUnaryHandlerSimple("/example.Visits/Count", v.count, options))
	mux.Handle("/example.Visits/SignIn", connect.NewUnaryHandlerSimple("/example.Visits/SignIn", v.signIn, options))
	mux.Handle("/example.Visits/SignOut", connect.NewUnaryHandlerSimple("/example.Visits/SignOut", v.signOut, options))
	mux.Handle("/example.Visits/Watch", connect.NewServerStreamHandlerSimple("/example.Visits/Watch", v.watch, options))
	return mux
}

type visits struct{ auth *authentication }

func (visits) count(ctx context.Context, _ *text) (*number, error) {
	s, err := sessions.Load(ctx)
	if err != nil {
		return nil, err
	}
	n, err := counter.Update(s, func(n int64) int64 { return n + 1 })
	return wrapperspb.Int64(n), err
}

func (v visits) signIn(ctx context.Context, name *text) (*empty, error) {
	p, err := v.auth.Authenticate(ctx, name.Value)
	if err != nil {
		return nil, err
	}
	return new(empty), v.auth.Login(ctx, p, login.Details{})
}

func (v visits) signOut(ctx context.Context, _ *empty) (*empty, error) {
	return new(empty), v.auth.Logout(ctx)
}

// watch sends the caller's name until the caller has signed out.
func (v visits) watch(ctx context.Context, _ *empty, stream *connect.ServerStream[text]) error {
	ticks := time.NewTicker(100 * time.Millisecond)
	defer ticks.Stop()
	for {
		p, ok, err := v.auth.Fresh(ctx)
		if err != nil || !ok {
			return err
		}
		if err := stream.Send(wrapperspb.String(p.name)); err != nil {
			return err
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// person is a user. This program believes everyone's name; see the example
// login for passwords.
type person struct{ name string }

func (p person) UserID() string        { return p.name }
func (person) SessionAuthHash() []byte { return nil }

type people struct{}

func (people) Authenticate(_ context.Context, name string) (person, error) {
	if name == "" {
		return person{}, login.ErrNoUser
	}
	return person{name}, nil
}

func (people) User(_ context.Context, id string) (person, error) { return person{id}, nil }
