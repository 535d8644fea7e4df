package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"

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
}

func newSite(st store.Store, url string, p *provider, log *slog.Logger) (*site, error) {
	s := &site{url: url, log: log, provider: p, users: &users{provider: p, known: map[string]user{}}}
	// A new key for each process is enough here, because sessions end with it.
	key := make(sessions.Secret, 32)
	_, _ = rand.Read(key) // never fails
	var err error
	s.sessions, err = sessions.New(st, sessions.Options{
		// The cookie must be SameSite=Lax, which is the default. The provider
		// redirects back with a GET request, and a Strict cookie would not come
		// with it.
		Cookie: sessions.CookieOptions{InsecureHTTP: strings.HasPrefix(url, "http:")},
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
	mux.Handle("POST /account/delete", s.auth.HandlerFunc(s.deleteAccount))
	mux.Handle("GET /style.css", http.FileServerFS(files))
	return s.auth.Handler(mux)
}
