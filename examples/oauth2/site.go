package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store"
)

// callbackPath is the page to which the provider redirects visitors. It is
// registered with the provider.
const callbackPath = "/login/callback"

// site is this program's own site.
type site struct {
	url      string // its address for browsers
	log      *slog.Logger
	provider *provider
	users    *users
	sessions *sessions.Manager
	auth     *login.Manager[user, grant]
	recent   time.Duration // how long a sign-in counts as recent
}

func newSite(st store.Store, url string, p *provider, log *slog.Logger) (*site, error) {
	s := &site{url: url, log: log, provider: p, recent: 10 * time.Minute, users: &users{provider: p, known: map[string]user{}}}
	// A new key for each process is enough here, because sessions end with it.
	key := make(sessions.Secret, 32)
	_, _ = rand.Read(key) // never fails
	var err error
	s.sessions, err = sessions.New(st, sessions.Options{
		// The cookie must be SameSite=Lax, which is the default. The provider
		// redirects back with a GET request, and a Strict cookie would not come
		// with it.
		Cookie: sessions.CookieOptions{InsecureHTTP: strings.HasPrefix(url, "http:")},
		// Anyone can begin an attempt, and each one is a record in the store.
		AnonymousIdleTimeout: attemptTime,
	})
	if err != nil {
		return nil, err
	}
	s.auth, err = login.New(s.sessions, s.users, login.Options{
		HashKeys: []sessions.Secret{key},
		LoginURL: "/login",
		OnEvent:  func(ctx context.Context, e login.Event) { log.InfoContext(ctx, "login", "event", e) },
	})
	return s, err
}

// handler returns the pages. Signing in starts with a POST request, so that a
// link on another site cannot start it.
func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("GET /login", s.loginPage)
	mux.Handle("POST /login", sessions.HandlerFunc(s.begin))
	mux.Handle("GET "+callbackPath, sessions.HandlerFunc(s.callback))
	mux.HandleFunc("POST /logout", s.logout)
	mux.Handle("GET /account", s.auth.HandlerFunc(s.account))
	mux.Handle("POST /account/delete", s.auth.RequireRecent(s.recent)(s.auth.HandlerFunc(s.deleteAccount)))
	mux.Handle("GET /style.css", http.FileServerFS(files))
	return guard(s.auth.Handler(mux), s.url, s.provider.config.Endpoint.AuthURL)
}

// maxBody is the most that a request may send, in bytes.
const maxBody = 16 << 10

// guard limits the size of requests and what pages may do, for all answers of
// the site at url. Its forms may lead to the site of another address: browsers
// apply form-action to the redirect that answers a form, too.
func guard(next http.Handler, url, leadsTo string) http.Handler {
	policy := "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' " + origin(leadsTo) + "; frame-ancestors 'none'; base-uri 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "same-origin") // the address of the callback has a code in it
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		if strings.HasPrefix(url, "https:") {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if err := r.ParseForm(); err != nil {
			status := http.StatusBadRequest
			if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
				status = http.StatusRequestEntityTooLarge
			}
			http.Error(w, http.StatusText(status), status)
			return
		}
		next.ServeHTTP(w, r)
	})
}
