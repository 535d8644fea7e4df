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

// callbackPath is where the provider sends visitors back to. It is registered
// with the provider.
const callbackPath = "/login/callback"

// site is this program's own site.
type site struct {
	url      string // how visitors reach it
	log      *slog.Logger
	provider *provider
	users    *users
	sessions *sessions.Manager
	auth     *login.Manager[user, grant]
}

func newSite(st store.Store, url string, p *provider, log *slog.Logger) (*site, error) {
	s := &site{url: url, log: log, provider: p, users: &users{provider: p, known: map[string]user{}}}
	// A key that is new each time is enough here, where sessions end with the
	// process.
	key := make(sessions.Secret, 32)
	_, _ = rand.Read(key) // never fails
	var err error
	s.sessions, err = sessions.New(st, sessions.Options{
		// Cookies are SameSite=Lax, as by default: what comes back from the
		// provider is a GET that opens a page, which brings them. With Strict it
		// would not, and no state would be found.
		InsecureHTTP: strings.HasPrefix(url, "http:"),
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

// handler returns the pages. Signing in begins with a POST, so that a link of
// another site cannot begin it.
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
