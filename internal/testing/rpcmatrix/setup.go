package rpcmatrix

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/matrix"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store"
)

// The procedures of an app.
const (
	Do      = "/test.Visits/Do"
	SignIn  = "/test.Visits/SignIn"
	Watch   = "/test.Visits/Watch"
	Collect = "/test.Visits/Collect"
	Chat    = "/test.Visits/Chat"
)

// Setup describes an app. See the package's documentation.
type Setup struct {
	Manager *sessions.Manager
	Second  *sessions.Manager // has a cookie of another name
	Auth    *login.Manager[matrix.User, matrix.Credentials]

	Layers  []Layer       // around the procedures, the outermost first
	Timeout time.Duration // of the layer Timeout

	acts    sync.Map // func(context.Context) (string, error) by name
	actors  sync.Map // func(context.Context, end) error by name
	entered chan struct{}
	release chan struct{}
}

// Layer is an interceptor of an app.
type Layer int

// The layers.
const (
	Sessions Layer = iota // of Setup.Manager
	Second                // of Setup.Second
	Login                 // of Setup.Auth, which includes Sessions
	Guard                 // Login, with rules: users only, as Setup.Allowed says; everyone may call SignIn
	Recover               // the framework's: a panic becomes an error with the code Internal
	Timeout               // the context ends after Setup.Timeout
)

// Allowed is the predicate of the layer Guard: only bob may watch.
func (s *Setup) Allowed(_ context.Context, procedure string, u matrix.User) (bool, error) {
	return procedure != Watch || u.Name == "bob", nil
}

// Do answers a unary call.
func (s *Setup) Do(ctx context.Context, text string) (string, error) {
	f, _ := s.acts.Load(text)
	return f.(func(context.Context) (string, error))(ctx)
}

// Watch answers a request with a stream.
func (s *Setup) Watch(ctx context.Context, text string, send func(string) error) error {
	return s.actor(text)(ctx, end{send: send})
}

// Collect answers a stream with a response.
func (s *Setup) Collect(ctx context.Context, receive func() (string, error)) (response string, err error) {
	err = s.Chat(ctx, receive, func(text string) error { response = text; return nil })
	return response, err
}

// Chat answers a stream with a stream.
func (s *Setup) Chat(ctx context.Context, receive func() (string, error), send func(string) error) error {
	text, err := receive()
	if err != nil {
		return err
	}
	return s.actor(text)(ctx, end{send, receive})
}

// end is the server's end of a stream.
type end struct {
	send    func(string) error
	receive func() (string, error) // returns an error after the last message
}

func (s *Setup) actor(text string) func(context.Context, end) error {
	f, _ := s.actors.Load(text)
	return f.(func(context.Context, end) error)
}

// wait blocks until the scenario goes on.
func (s *Setup) wait() {
	s.entered <- struct{}{}
	<-s.release
}

type backend struct{}

func (backend) Authenticate(_ context.Context, c matrix.Credentials) (matrix.User, error) {
	return matrix.User(c), nil
}

func (backend) User(_ context.Context, id string) (matrix.User, error) {
	return matrix.User{Name: id}, nil
}

// newSetup returns a setup whose sessions are in the store.
func newSetup(t *testing.T, st store.Store, opts sessions.Options) *Setup {
	t.Helper()
	manager := func(cookie string) *sessions.Manager {
		opts.Cookie = sessions.CookieOptions{Name: cookie, InsecureName: true, InsecureHTTP: true} // no TLS on the loopback
		opts.OnEvent = func(context.Context, sessions.Event) {}
		m, err := sessions.New(st, opts)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	s := &Setup{Manager: manager("id"), Second: manager("second"), entered: make(chan struct{}), release: make(chan struct{})}
	var err error
	s.Auth, err = login.New(s.Manager, backend{}, login.Options{
		HashKeys: []sessions.Secret{make([]byte, 32)},
		OnEvent:  func(context.Context, login.Event) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
