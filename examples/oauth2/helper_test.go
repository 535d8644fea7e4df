package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/store/memstore"
)

// world is a site, its provider, and all that either has said. Each test fails
// if a secret is in what the site has shown or logged.
type world struct {
	*site
	t        *testing.T
	store    *faultstore.Store
	provider *httptest.Server

	mu      sync.Mutex
	meddle  func(w http.ResponseWriter, r *http.Request, next http.Handler) // between site and provider
	tokens  int                                                             // requests for one
	secrets []string
	said    bytes.Buffer
}

// Write takes what the site says.
func (w *world) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.said.Write(b)
}

func start(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, store: &faultstore.Store{Store: new(memstore.Store)}, provider: httptest.NewUnstartedServer(nil)}
	server := httptest.NewUnstartedServer(nil)
	address := "http://" + server.Listener.Addr().String()
	p, h, err := demoProvider(w.provider.Listener.Addr(), address+callbackPath)
	if err != nil {
		t.Fatal(err)
	}
	if w.site, err = newSite(w.store, address, p, slog.New(slog.NewTextHandler(w, nil))); err != nil {
		t.Fatal(err)
	}
	w.keep(p.config.ClientSecret)
	w.provider.Config.Handler = w.overhear(h)
	server.Config.Handler = w.handler()
	w.provider.Start()
	server.Start()
	t.Cleanup(func() {
		server.Close()
		w.provider.Close()
		said := w.heard()
		for _, secret := range w.secrets {
			if secret == "" || strings.Contains(said, secret) {
				t.Errorf("a secret, %q, is in what the site has shown or logged:\n%s", secret, said)
			}
		}
	})
	return w
}

func (w *world) keep(secrets ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.secrets = append(w.secrets, secrets...)
}

// heard returns what the site has said.
func (w *world) heard() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.said.String()
}

// asked returns how often the provider was asked for a token.
func (w *world) asked() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tokens
}

// set has f answer in place of the provider.
func (w *world) set(f func(w http.ResponseWriter, r *http.Request, next http.Handler)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.meddle = f
}

// overhear keeps the secrets that pass between site and provider.
func (w *world) overhear(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		h := next
		if f := w.meddle; f != nil {
			h = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { f(rw, r, next) })
		}
		w.mu.Unlock()
		if r.URL.Path != "/token" {
			h.ServeHTTP(rw, r)
			return
		}
		w.keep(r.PostFormValue("code"), r.PostFormValue("code_verifier"), r.PostFormValue("client_secret"))
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		var token struct {
			Access string `json:"access_token"`
		}
		if json.Unmarshal(answer.Body.Bytes(), &token) == nil && token.Access != "" {
			w.keep(token.Access)
		}
		w.mu.Lock()
		w.tokens++
		w.mu.Unlock()
		for name, values := range answer.Result().Header {
			rw.Header()[name] = values
		}
		rw.WriteHeader(answer.Code)
		_, _ = answer.Body.WriteTo(rw)
	})
}

// changed returns an address with one parameter of its query changed, or taken
// out.
func changed(address, name, value string) string {
	u, _ := url.Parse(address)
	q := u.Query()
	if q.Set(name, value); value == "" {
		q.Del(name)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

func query(address, name string) string {
	u, _ := url.Parse(address)
	return u.Query().Get(name)
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
