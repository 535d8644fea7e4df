package matrix

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
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

// Page is a route that answers with text.
type Page struct {
	Path string // such as "/count"
	Do   func(context.Context) (text string, err error)
}

const counter = sessions.Key[int]("visits")

// long is what the page /long ends with. It is worth compressing.
var long = strings.Repeat("The visitor has been here before.\n", 200)

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

// Count adds 1 to the visits in the session and returns their number.
func Count(ctx context.Context) (int, error) {
	s, err := sessions.Load(ctx)
	if err != nil {
		return 0, err
	}
	return increment(s)
}

func increment(s *sessions.Session) (int, error) {
	return counter.Update(s, func(n int) int { return n + 1 })
}

// CountAndSave is Count, and saves the session at once.
func CountAndSave(ctx context.Context) (int, error) {
	s, err := sessions.Load(ctx)
	if err != nil {
		return 0, err
	}
	n, err := increment(s)
	if err != nil {
		return 0, err
	}
	return n, s.Save(ctx)
}

// signIn counts and signs in, and leaves it to the middleware to save that.
func signIn(ctx context.Context) error {
	s, err := sessions.Load(ctx)
	if err != nil {
		return err
	}
	if _, err := increment(s); err != nil {
		return err
	}
	return s.SetSubject("ann")
}

func count(ctx context.Context) error {
	_, err := Count(ctx)
	return err
}

func destroy(ctx context.Context) error {
	s, err := sessions.Load(ctx)
	if err != nil {
		return err
	}
	s.Destroy()
	return nil
}

// pages returns the pages of the app.
func (s *Setup) pages() []Page {
	return []Page{
		{"/free", func(context.Context) (string, error) { return "free", nil }},
		{"/count", number(Count)},
		{"/save", number(CountAndSave)},
		{"/long", func(ctx context.Context) (string, error) {
			n, err := number(Count)(ctx)
			return n + "\n" + long, err
		}},
		{"/read", func(ctx context.Context) (string, error) {
			session, err := sessions.Load(ctx)
			if err != nil {
				return "", err
			}
			n, err := counter.Get(session)
			return fmt.Sprintf("%d %q", n, session.Subject()), err
		}},
		{"/both", func(ctx context.Context) (string, error) {
			var numbers []string
			for _, m := range []*sessions.Manager{s.Manager, s.Second} {
				session, err := m.Load(ctx)
				if err != nil {
					return "", err
				}
				n, err := increment(session)
				if err != nil {
					return "", err
				}
				numbers = append(numbers, fmt.Sprint(n))
			}
			return strings.Join(numbers, " "), nil
		}},
		{"/destroy", done(destroy)},
		{"/wait", func(ctx context.Context) (string, error) { // though the client has gone
			n, err := number(Count)(ctx)
			s.Wait(context.WithoutCancel(ctx))
			return n, err
		}},
		{"/gone", func(ctx context.Context) (string, error) { // until the client has gone
			n, err := number(Count)(ctx)
			s.Wait(ctx)
			return n, err
		}},
		{"/slow", func(ctx context.Context) (string, error) { // until the time is over
			if _, err := Count(ctx); err != nil {
				return "", err
			}
			select {
			case <-ctx.Done():
			case <-s.ended:
			}
			return "too late", ctx.Err()
		}},
		{"/renew", func(ctx context.Context) (string, error) {
			session, err := sessions.Load(ctx)
			if err != nil {
				return "", err
			}
			return "renewed", session.Renew()
		}},
		{"/login", done(func(ctx context.Context) error {
			u, err := s.Auth.Authenticate(ctx, Credentials{Name: "ann"})
			if err != nil {
				return err
			}
			return s.Auth.Login(ctx, u, login.Details{})
		})},
		{"/me", func(ctx context.Context) (string, error) {
			u, ok, err := s.Auth.User(ctx)
			if !ok {
				return "nobody", err
			}
			return u.Name, err
		}},
		{"/logout", done(func(ctx context.Context) error { return s.Auth.Logout(ctx) })},
		{"/everywhere", done(func(ctx context.Context) error {
			u, _, err := s.Auth.User(ctx)
			if err != nil {
				return err
			}
			return s.Auth.RevokeAll(ctx, u)
		})},
	}
}

func number(f func(context.Context) (int, error)) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		n, err := f(ctx)
		return fmt.Sprint(n), err
	}
}

func done(f func(context.Context) error) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) { return "done", f(ctx) }
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

// newSetup returns a setup whose sessions are in the store.
func newSetup(t *testing.T, st store.Store) *Setup {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file.txt")
	if err := os.WriteFile(file, []byte("text of the file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	manager := func(cookie string) *sessions.Manager {
		m, err := sessions.New(st, sessions.Options{
			Cookie:  sessions.CookieOptions{Name: cookie, InsecureName: true, InsecureHTTP: true}, // no TLS on the loopback
			OnEvent: func(context.Context, sessions.Event) {},
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
	s.Pages = s.pages()
	return s
}

// Serve serves an app on a loopback address until the test ends, and returns
// its URL.
func Serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
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
