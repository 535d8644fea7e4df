package fibersessions_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

const counter = sessions.Key[int]("counter")

// site is what an app is made of: managers over a store, with their events.
type site struct {
	*sessions.Manager
	auth  *login.Manager[user, string]
	store *faultstore.Store

	mu     sync.Mutex
	events []string
}

func newSite(t *testing.T, opts sessions.Options) *site {
	t.Helper()
	s := &site{store: &faultstore.Store{Store: new(memstore.Store)}}
	opts.Cookie.InsecureHTTP, opts.Cookie.InsecureName = true, true
	opts.OnEvent = func(_ context.Context, e sessions.Event) { s.tell(string(e.Kind)) }
	var err error
	if s.Manager, err = sessions.New(s.store, opts); err != nil {
		t.Fatal(err)
	}
	s.auth, err = login.New(s.Manager, users{}, login.Options{
		HashKeys: []sessions.Secret{make([]byte, 32)}, LoginURL: "/login",
		OnEvent: func(_ context.Context, e login.Event) {
			switch e.Kind {
			case login.EventForbidden:
				s.tell("forbidden " + e.UserID + " " + e.Pattern)
			case login.EventDenied:
				s.tell("denied from " + e.RemoteAddr)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) tell(event string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, event)
}

// told returns the events so far, and forgets them.
func (s *site) told() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	told := strings.Join(s.events, ", ")
	s.events = nil
	return told
}

// user is a user who needs no proof.
type user string

func (u user) UserID() string        { return string(u) }
func (user) SessionAuthHash() []byte { return nil }

type users struct{}

func (users) Authenticate(_ context.Context, name string) (user, error) {
	if name == "" {
		return "", login.ErrCredentials
	}
	return user(name), nil
}

func (users) User(_ context.Context, id string) (user, error) { return user(id), nil }

func (users) UserPermissions(context.Context, user) ([]string, error)  { return []string{"read"}, nil }
func (users) GroupPermissions(context.Context, user) ([]string, error) { return nil, nil }

// count counts visits.
func count(c fiber.Ctx, s *sessions.Session) error {
	n, err := counter.Update(s, func(n int) int { return n + 1 })
	if err != nil {
		return err
	}
	return c.SendString(strconv.Itoa(n))
}

// read shows how many have been counted.
func read(c fiber.Ctx, s *sessions.Session) error {
	n, err := counter.Get(s)
	if err != nil {
		return err
	}
	return c.SendString(strconv.Itoa(n))
}

// browser sends requests to an app and keeps cookies.
type browser struct {
	t       testing.TB
	app     *fiber.App
	cookies map[string]string
}

func newBrowser(t testing.TB, app *fiber.App) *browser {
	return &browser{t, app, map[string]string{}}
}

// send sends a request with header fields, and returns the response.
func (b *browser) send(method, path string, fields ...string) *http.Response {
	b.t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	resp, err := b.app.Test(r, fiber.TestConfig{Timeout: 0})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range resp.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return resp
}

// get returns the status and the text of a page.
func (b *browser) get(path string, fields ...string) string {
	b.t.Helper()
	return text(b.t, b.send(http.MethodGet, path, fields...))
}

func text(t testing.TB, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return strings.TrimSpace(strconv.Itoa(resp.StatusCode) + " " + string(body))
}

func want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// serve serves an app until the test ends, and returns its URL.
func serve(t testing.TB, app *fiber.App, l net.Listener) string {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true}) }()
	t.Cleanup(func() {
		if err := app.Shutdown(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return "http://" + l.Addr().String()
}
