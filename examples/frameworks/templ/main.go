// Templ is a page of templ components that htmx updates in part.
//
//	go run ./examples/frameworks/templ [-addr host:port]
//
// The first byte of a component begins the response, which saves the session. So
// a handler changes the session first, and renders then: it takes the message
// that is shown once, for instance.
package main

//go:generate go tool templ generate

import (
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/examples/frameworks/internal/demo"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

const (
	Counter = sessions.Key[int]("counter")
	Notice  = sessions.Key[string]("notice") // is shown once
)

// view is what the page shows.
type view struct {
	Name, Notice, Next string
	Count              int
}

type app struct {
	auth *login.Manager[demo.Account, demo.Credentials]
}

func main() { demo.Serve(site) }

func site() (http.Handler, error) {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{
		Cookie: sessions.CookieOptions{InsecureHTTP: true}, // this program serves plain HTTP; remove this behind TLS
	})
	if err != nil {
		return nil, err
	}
	a := new(app)
	a.auth, err = login.New(manager, demo.Accounts{}, login.Options{
		HashKeys:     demo.HashKeys(),
		LoginURL:     "/", // the page has the form
		Keep:         []string{string(Counter)},
		ErrorHandler: a.fail,
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", a.handler(a.show))
	mux.Handle("POST /count", a.handler(a.count))
	mux.Handle("POST /reset", a.auth.RequireLogin(a.handler(a.reset)))
	mux.Handle("POST /login", a.handler(a.login))
	mux.Handle("POST /logout", a.handler(func(w http.ResponseWriter, r *http.Request, _ *sessions.Session) error {
		return a.auth.Logout(r.Context())
	}))
	return a.auth.Handler(mux), nil
}

// handler answers a POST that has written nothing with the page, by a redirect.
func (a *app) handler(f func(http.ResponseWriter, *http.Request, *sessions.Session) error) http.Handler {
	return sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		if err := f(w, r, s); err != nil {
			a.auth.Error(w, r, err)
		} else if r.Method == http.MethodPost && !fromHTMX(r) {
			http.Redirect(w, r, a.auth.Next(r, "/"), http.StatusSeeOther)
		}
	})
}

func fromHTMX(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }

// fail sends users of a page whose session is over to the login form. A redirect
// would not: htmx would put the form in the place of the counter.
func (a *app) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, login.ErrAnonymous) && fromHTMX(r) {
		w.Header().Set("HX-Redirect", "/")
	}
	a.auth.DefaultError(w, r, err) // 401 for scripts such as htmx
}

func (a *app) show(w http.ResponseWriter, r *http.Request, s *sessions.Session) error {
	u, _, err := a.auth.User(r.Context())
	if err != nil {
		return err
	}
	n, err := Counter.Get(s)
	if err != nil {
		return err
	}
	text, _, err := Notice.Take(s)
	if err != nil {
		return err
	}
	return page(view{Name: u.Name, Notice: text, Next: a.auth.Next(r, "/"), Count: n}).Render(r.Context(), w)
}

func (a *app) count(w http.ResponseWriter, r *http.Request, s *sessions.Session) error {
	n, err := Counter.Update(s, func(n int) int { return n + 1 })
	if err != nil || !fromHTMX(r) {
		return err
	}
	return counter(n).Render(r.Context(), w)
}

func (a *app) reset(w http.ResponseWriter, r *http.Request, s *sessions.Session) error {
	const done = "You count anew."
	Counter.Delete(s)
	if !fromHTMX(r) {
		return Notice.Set(s, done) // for the page after the redirect
	}
	return templ.Join(counter(0), notice(done, true)).Render(r.Context(), w)
}

func (a *app) login(_ http.ResponseWriter, r *http.Request, s *sessions.Session) error {
	u, err := a.auth.Authenticate(r.Context(), demo.Credentials{Name: r.FormValue("name"), Password: r.FormValue("password")})
	if errors.Is(err, login.ErrCredentials) {
		return Notice.Set(s, "Wrong name or password.")
	}
	if err != nil {
		return err
	}
	return a.auth.Login(r.Context(), u, login.Details{})
}
