// Chi counts visits, and lets members into a group of routes.
//
//	go run ./examples/frameworks/chi [-addr host:port]
//
// The middleware of sessions is one of the router's, and sessions.HandlerFunc
// makes handlers that the router takes.
package main

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/examples/frameworks/internal/demo"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

const Counter = sessions.Key[int]("counter")

func main() { demo.Serve(site) }

func site() (http.Handler, error) {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{
		Cookie: sessions.CookieOptions{InsecureHTTP: true}, // this program serves plain HTTP; remove this behind TLS
	})
	if err != nil {
		return nil, err
	}
	auth, err := login.New(manager, demo.Accounts{}, login.Options{
		HashKeys: demo.HashKeys(),
		LoginURL: "/login",
		Keep:     []string{string(Counter)}, // a visitor who logs in goes on counting
	})
	if err != nil {
		return nil, err
	}

	r := chi.NewRouter()
	r.Use(middleware.Recoverer, auth.Handler) // without package login: manager.Handler
	r.Get("/", sessions.HandlerFunc(count))
	r.Get("/login", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, "POST your name and password here.\n")
	})
	r.Post("/login", func(w http.ResponseWriter, r *http.Request) {
		a, err := auth.Authenticate(r.Context(), demo.Credentials{Name: r.FormValue("name"), Password: r.FormValue("password")})
		if errors.Is(err, login.ErrCredentials) {
			http.Error(w, "Wrong name or password.", http.StatusUnauthorized)
			return
		}
		if err == nil {
			err = auth.Login(r.Context(), a, login.Details{})
		}
		if err != nil {
			auth.Error(w, r, err)
			return
		}
		http.Redirect(w, r, auth.Next(r, "/members/"+a.Name), http.StatusSeeOther)
	})
	r.Post("/logout", func(w http.ResponseWriter, r *http.Request) {
		if err := auth.Logout(r.Context()); err != nil {
			auth.Error(w, r, err)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	r.Route("/members", func(r chi.Router) {
		r.Use(auth.RequireLogin)
		r.Get("/{name}", auth.HandlerFunc(func(w http.ResponseWriter, r *http.Request, a demo.Account) {
			_, _ = fmt.Fprintf(w, "%s visits %s\n", a.Name, chi.URLParam(r, "name"))
		}))
	})
	return r, nil
}

func count(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
	n, err := Counter.Update(s, func(n int) int { return n + 1 })
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = fmt.Fprintln(w, n)
}
