package login_test

import (
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
	"github.com/gosessions/sessions/login"
)

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
