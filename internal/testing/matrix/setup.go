package matrix

import (
	"context"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store"
)

// Setup describes an app. See the package's documentation.
type Setup struct {
	Manager *sessions.Manager
	Second  *sessions.Manager // has a cookie of another name
	Auth    *login.Manager[User, Credentials]

	Layers  []Layer       // around the app, the outermost first
	Group   []Layer       // around the pages below /group
	Timeout time.Duration // for the layer Timeout

	Pages []Page
	File  string // the path of a text file

	*hooks
}

// hooks are how a scenario and its handlers meet.
type hooks struct {
	act     atomic.Pointer[func(context.Context) error]
	entered chan struct{} // a handler waits
	release chan struct{}
	ended   chan struct{} // no handler waits any more
}

// Layer is middleware of an app.
type Layer int

// The layers.
const (
	Sessions Layer = iota // of Setup.Manager
	Second                // of Setup.Second
	Login                 // of Setup.Auth, which includes Sessions
	Recover               // the framework's: a panic becomes a 500
	Compress              // the framework's: gzip
	Timeout               // the framework's: a 408, 503 or 504 after Setup.Timeout
)

// Page is a route that answers with text.
type Page struct {
	Path string // such as "/count"
	Do   func(context.Context) (text string, err error)
}

// Act changes the session as the scenario wants it.
func (s *Setup) Act(ctx context.Context) error { return (*s.act.Load())(ctx) }

// Wait blocks until the scenario goes on, or until ctx or the scenario ends.
func (s *Setup) Wait(ctx context.Context) {
	select {
	case s.entered <- struct{}{}:
	case <-ctx.Done():
	case <-s.ended:
	}
	select {
	case <-s.release:
	case <-ctx.Done():
	case <-s.ended:
	}
}

// User is a user of the app.
type User struct{ Name string }

// UserID is the name.
func (u User) UserID() string { return u.Name }

// SessionAuthHash is nil: users have no password.
func (User) SessionAuthHash() []byte { return nil }

// Credentials prove a user without a secret.
type Credentials struct{ Name string }

type backend struct{}

func (backend) Authenticate(_ context.Context, c Credentials) (User, error) { return User(c), nil }
func (backend) User(_ context.Context, id string) (User, error)             { return User{id}, nil }

// newSetup returns a setup whose sessions are in the store. A store operation,
// and the layer Timeout, may take as long as the limit.
func newSetup(t *testing.T, st store.Store, limit time.Duration) *Setup {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file.txt")
	if err := os.WriteFile(file, []byte("text of the file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	manager := func(cookie string) *sessions.Manager {
		m, err := sessions.New(st, sessions.Options{
			Cookie:  sessions.CookieOptions{Name: cookie, InsecureName: true, InsecureHTTP: true}, // no TLS on the loopback
			OnEvent: func(context.Context, sessions.Event) {},
			// The machine may be busy.
			LoadTimeout: limit,
			SaveTimeout: limit,
		})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	s := &Setup{
		Manager: manager("id"),
		Second:  manager("second"),
		Timeout: limit,
		File:    file,
		hooks: &hooks{
			entered: make(chan struct{}),
			release: make(chan struct{}),
			ended:   make(chan struct{}),
		},
	}
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

// Serve serves an app on a loopback address until the test ends, and returns
// its URL.
func Serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(t.Output(), "", 0)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// Listen returns a listener on a loopback address. Its server must close it.
func Listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}
