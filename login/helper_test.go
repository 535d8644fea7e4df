package login_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/faultstore"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

// user is the application's user.
type user struct {
	Name, Password string
	Perms, Groups  []string
}

func (u user) UserID() string          { return u.Name }
func (u user) SessionAuthHash() []byte { return []byte("hash of " + u.Password) }

// password is the application's credentials.
type password struct{ Name, Password string }

// users is the application's backend, in memory.
type users struct {
	mu    sync.Mutex
	known map[string]user
	down  error
	asked []string // what it was asked
	hook  func(ctx context.Context)
}

func (b *users) ask(ctx context.Context, what string) error {
	if b.hook != nil {
		b.hook(ctx)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, what)
	return b.down
}

// Asked returns what the backend was asked so far, and forgets it.
func (b *users) Asked() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	asked := strings.Join(b.asked, " ")
	b.asked = nil
	return asked
}

func (b *users) find(name string) (user, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	u, ok := b.known[name]
	return u, ok
}

// set stores a user, or removes one without a name.
func (b *users) set(name string, u user) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known[name] = u; u.Name == "" {
		delete(b.known, name)
	}
}

func (b *users) Authenticate(ctx context.Context, c password) (user, error) {
	if err := b.ask(ctx, "authenticate"); err != nil {
		return user{}, err
	}
	if u, ok := b.find(c.Name); ok && u.Password == c.Password {
		return u, nil
	}
	return user{}, fmt.Errorf("%q: %w", c.Name, login.ErrCredentials)
}

func (b *users) User(ctx context.Context, id string) (user, error) {
	if err := b.ask(ctx, "user"); err != nil {
		return user{}, err
	}
	if u, ok := b.find(id); ok {
		return u, nil
	}
	return user{}, fmt.Errorf("%q: %w", id, login.ErrNoUser)
}

func (b *users) UserPermissions(ctx context.Context, u user) ([]string, error) {
	return u.Perms, b.ask(ctx, "permissions")
}

func (b *users) GroupPermissions(ctx context.Context, u user) ([]string, error) {
	return u.Groups, b.ask(ctx, "groups")
}

var (
	key1 = sessions.Secret(bytes.Repeat([]byte{1}, 32))
	key2 = sessions.Secret(bytes.Repeat([]byte{2}, 32))
)

// app is an application with a login.
type app struct {
	*login.Manager[user, password]
	t        testing.TB
	sessions *sessions.Manager
	store    *faultstore.Store
	users    *users

	mu     sync.Mutex
	events []login.Event
}

// newApp returns an application with the users ann and bob, whose passwords
// are theirs and their name.
func newApp(t testing.TB, opts login.Options) *app {
	t.Helper()
	return newAppOn(t, &faultstore.Store{Store: new(memstore.Store)}, opts)
}

func newAppOn(t testing.TB, st *faultstore.Store, opts login.Options) *app {
	t.Helper()
	a := &app{t: t, store: st, users: &users{known: map[string]user{
		"ann": {Name: "ann", Password: "ann's", Perms: []string{"read"}, Groups: []string{"write"}},
		"bob": {Name: "bob", Password: "bob's"},
	}}}
	var err error
	quiet := func(context.Context, sessions.Event) {}
	if a.sessions, err = sessions.New(a.store, sessions.Options{OnEvent: quiet}); err != nil {
		t.Fatal(err)
	}
	if opts.HashKeys == nil {
		opts.HashKeys = []sessions.Secret{key1}
	}
	opts.OnEvent = func(_ context.Context, e login.Event) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.events = append(a.events, e)
	}
	if a.Manager, err = login.New(a.sessions, a.users, opts); err != nil {
		t.Fatal(err)
	}
	return a
}

// told returns the events so far, as in "login:ann denied", and forgets them.
func (a *app) told() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var told []string
	for _, e := range a.events {
		told = append(told, strings.TrimSuffix(string(e.Kind)+":"+e.UserID, ":"))
	}
	a.events = nil
	return strings.Join(told, " ")
}

// browser keeps cookies between requests, which it hands to a handler
// directly.
type browser struct {
	a       *app
	mu      sync.Mutex
	cookies map[string]string
}

func (a *app) browser() *browser { return &browser{a: a, cookies: map[string]string{}} }

// copy returns a browser with the same cookies.
func (b *browser) copy() *browser {
	b.mu.Lock()
	defer b.mu.Unlock()
	return &browser{a: b.a, cookies: maps.Clone(b.cookies)}
}

// token returns the session cookie.
func (b *browser) token() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cookies["__Host-id"]
}

// send sends a request to a handler inside of the application's, and keeps the
// cookies of the response.
func (b *browser) send(h http.Handler, r *http.Request) *http.Response {
	b.mu.Lock()
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	b.mu.Unlock()
	w := httptest.NewRecorder()
	b.a.Handler(h).ServeHTTP(w, r)
	resp := w.Result()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range resp.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return resp
}

// post sends a request whose handler may fail, and is else answered by what it
// returns.
func (b *browser) post(f func(r *http.Request) (string, error)) string {
	return text(b.send(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := f(r)
		if err != nil {
			b.a.Error(w, r, err)
			return
		}
		_, _ = io.WriteString(w, s)
	}), httptest.NewRequest("POST", "https://example.com/", nil)))
}

func text(resp *http.Response) string {
	body, _ := io.ReadAll(resp.Body)
	return strings.TrimSpace(fmt.Sprintf("%d %s", resp.StatusCode, body))
}

// signIn authenticates and logs in.
func (b *browser) signIn(name string, d login.Details) string {
	return b.post(func(r *http.Request) (string, error) {
		u, err := b.a.Authenticate(r.Context(), password{name, name + "'s"})
		if err != nil {
			return "", err
		}
		return "hello " + u.Name, b.a.Login(r.Context(), u, d)
	})
}

func (b *browser) signOut() string {
	return b.post(func(r *http.Request) (string, error) { return "bye", b.a.Logout(r.Context()) })
}

// who returns who the visitor is, "nobody" or a status.
func (b *browser) who() string {
	got := b.post(func(r *http.Request) (string, error) {
		u, ok, err := b.a.User(r.Context())
		if !ok {
			return "nobody", err
		}
		return u.Name, err
	})
	return strings.TrimPrefix(got, "200 ")
}

// set puts a value into the session, get reads it.
func (b *browser) set(key, value string) {
	b.t().Helper()
	want(b.t(), "set", b.post(func(r *http.Request) (string, error) {
		s, err := b.a.sessions.Load(r.Context())
		if err != nil {
			return "", err
		}
		return "", sessions.Key[string](key).Set(s, value)
	}), "200")
}

func (b *browser) get(key string) string {
	return strings.TrimSpace(strings.TrimPrefix(b.post(func(r *http.Request) (string, error) {
		s, err := b.a.sessions.Load(r.Context())
		if err != nil {
			return "", err
		}
		return sessions.Key[string](key).Get(s)
	}), "200"))
}

func (b *browser) t() testing.TB { return b.a.t }

// form is a request with a form.
func form(target string, values url.Values) *http.Request {
	r := httptest.NewRequest("POST", target, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func wantErr(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) || (want == nil) != (err == nil) {
		t.Errorf("%s: got error %v, want %v", what, err, want)
	}
}
