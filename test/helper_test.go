package test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/internal/testing/front"
	"github.com/gosessions/sessions/store/memstore"
)

const counter = sessions.Key[int]("counter")

// app is a manager over a counting store, with its events.
type app struct {
	*sessions.Manager
	t     testing.TB
	store *faultstore.Store

	exchanges bool // pages are served by Begin and Commit, not by Handler

	mu     sync.Mutex
	events []sessions.Event
}

func newApp(t testing.TB, opts sessions.Options) *app {
	t.Helper()
	a := &app{t: t, store: &faultstore.Store{Store: new(memstore.Store)}}
	opts.OnEvent = func(_ context.Context, e sessions.Event) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.events = append(a.events, e)
	}
	var err error
	if a.Manager, err = sessions.New(a.store, opts); err != nil {
		t.Fatal(err)
	}
	return a
}

// kinds returns the kinds of the events so far, as in "created gone", and
// forgets them.
func (a *app) kinds() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var kinds []string
	for _, e := range a.events {
		kinds = append(kinds, string(e.Kind))
	}
	a.events = nil
	return strings.Join(kinds, " ")
}

// browser returns a client of one handler.
func (a *app) browser(h handler) *browser {
	return &browser{h: a.serve(h), cookies: map[string]string{}}
}

// browser keeps cookies between requests, which it hands to a handler
// directly: no network, so it works with a fake clock.
type browser struct {
	h http.Handler

	mu      sync.Mutex
	cookies map[string]string
}

// with returns a browser with the same cookies, at another page.
func (b *browser) with(m *app, h handler) *browser {
	b.mu.Lock()
	defer b.mu.Unlock()
	return &browser{h: m.Handler(sessions.HandlerFunc(h)), cookies: maps.Clone(b.cookies)}
}

// do sends a request, keeps the cookies of the response and returns it.
func (b *browser) do(r *http.Request) *http.Response {
	b.mu.Lock()
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	b.mu.Unlock()
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	resp := w.Result()
	b.receive(resp)
	return resp
}

// receive keeps the cookies of a response.
func (b *browser) receive(resp *http.Response) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range resp.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
}

// get fetches a page and returns "status body".
func (b *browser) get() string {
	return text(b.do(httptest.NewRequest("GET", "https://example.com/app", nil)))
}

func text(resp *http.Response) string {
	body, _ := io.ReadAll(resp.Body)
	return fmt.Sprintf("%d %s", resp.StatusCode, strings.TrimSpace(string(body)))
}

// token returns the browser's session cookie.
func (b *browser) token() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cookies["__Host-id"]
}

// count is a handler that counts visits.
func count(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
	n, err := counter.Update(s, func(n int) int { return n + 1 })
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = fmt.Fprint(w, n)
}

// read is a handler that shows the counter.
func read(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
	n, err := counter.Get(s)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = fmt.Fprint(w, n)
}

func want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// within runs f in a request of a browser and returns the reply.
func (a *app) within(b *browser, f func(ctx context.Context, s *sessions.Session)) string {
	b.h = a.Handler(sessions.HandlerFunc(func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		f(r.Context(), s)
	}))
	return b.get()
}

// fresh returns an app and a browser that has no session yet.
func fresh(t testing.TB, opts sessions.Options) (*app, *browser) {
	a := newApp(t, opts)
	return a, a.browser(read)
}

// overtake saves f's changes of a browser's session at once, by the side of a
// request that has loaded it.
func (a *app) overtake(b *browser, f func(s *sessions.Session)) {
	s, err := a.Open(context.Background(), b.token())
	if err != nil {
		a.t.Error(err)
		return
	}
	f(s)
	if err := s.Save(context.Background()); err != nil {
		a.t.Error(err)
	}
}

// during runs f once, right before a store operation of that name.
func (a *app) during(op string, f func()) {
	a.store.Hook = func(name, _ string) {
		if name == op {
			a.store.Hook = nil
			f()
		}
	}
}

// as returns another manager over the same store and cookie.
func (a *app) as(opts sessions.Options) *app {
	other := newApp(a.t, opts)
	other.store = a.store
	var err error
	if other.Manager, err = sessions.New(a.store, opts); err != nil {
		a.t.Fatal(err)
	}
	return other
}

func secretKey(fill string, n int) sessions.Secret { return sessions.Secret(strings.Repeat(fill, n)) }

// handler is a page that uses the session.
type handler = func(http.ResponseWriter, *http.Request, *sessions.Session)

const year = 365 * 24 * time.Hour

// serve returns the handler of a page.
func (a *app) serve(page handler) http.Handler {
	if a.exchanges {
		return front.Exchange(a.Manager, sessions.HandlerFunc(page))
	}
	return a.Handler(sessions.HandlerFunc(page))
}
