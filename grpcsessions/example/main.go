// Example is a gRPC server with sessions, and a client of it: it counts visits,
// signs callers in and out, and streams.
//
//	go run ./grpcsessions/example
//	go run ./grpcsessions/example -call 127.0.0.1:8080
package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/grpcsessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

const counter = sessions.Key[int64]("counter")

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on; port 0 picks a free one")
	server := flag.String("call", "", "address of a server to call instead")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := error(nil)
	if *server != "" {
		err = call(ctx, os.Stdout, *server)
	} else {
		err = run(ctx, os.Stdout, *addr)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer, addr string) error {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{
		Transports: []sessions.Transport{sessions.Bearer()},
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
	return serve(ctx, listener, auth)
}

// serve serves until ctx ends. Everyone may count and sign in.
func serve(ctx context.Context, listener net.Listener, auth *authentication) error {
	users := grpcsessions.RequireLogin(auth, "/example.Visits/Count", "/example.Visits/SignIn")
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(grpcsessions.Unary(auth, users)),
		grpc.ChainStreamInterceptor(grpcsessions.Stream(auth, users)),
	)
	server.RegisterService(&service, visits{auth})
	stop := context.AfterFunc(ctx, func() {
		force := time.AfterFunc(5*time.Second, server.Stop)
		defer force.Stop()
		server.GracefulStop() // lets calls under way finish, for 5 seconds
	})
	defer stop()
	return server.Serve(listener)
}

type authentication = login.Manager[person, string]

type visits struct{ auth *authentication }

func (visits) count(ctx context.Context, _ string) (int64, error) {
	s, err := sessions.Load(ctx)
	if err != nil {
		return 0, err
	}
	return counter.Update(s, func(n int64) int64 { return n + 1 })
}

func (v visits) signIn(ctx context.Context, name string) (int64, error) {
	p, err := v.auth.Authenticate(ctx, name)
	if err != nil {
		return 0, err
	}
	return 0, v.auth.Login(ctx, p, login.Details{})
}

func (v visits) signOut(ctx context.Context, _ string) (int64, error) { return 0, v.auth.Logout(ctx) }

// watch sends the caller's name until the caller has signed out.
func (v visits) watch(stream grpc.ServerStream) error {
	ticks := time.NewTicker(100 * time.Millisecond)
	defer ticks.Stop()
	for {
		p, ok, err := v.auth.Fresh(stream.Context())
		if err != nil || !ok {
			return err
		}
		if err := stream.SendMsg(wrapperspb.String(p.name)); err != nil {
			return err
		}
		select {
		case <-ticks.C:
		case <-stream.Context().Done():
			return stream.Context().Err()
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
