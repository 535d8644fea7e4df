package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
	"github.com/gosessions/sessions/store/sqlitestore"
)

// config is what flags and tests can set.
type config struct {
	db     string // a path, or memory
	admin  string // a name, or ""
	https  bool
	params *argon2id.Params
	limits limits
	recent time.Duration // how long an authentication counts as recent
	log    *slog.Logger
}

// site is the application.
type site struct {
	config
	store    store.Store
	users    *users
	sessions *sessions.Manager
	browsers *sessions.Manager // what is known of a browser, whoever is signed in
	auth     *login.Manager[user, credentials]
	may      *login.Permissions[user, permission]
	attempts *attempts
}

func newSite(ctx context.Context, c config) (*site, error) {
	s := &site{config: c, attempts: newAttempts(c.limits)}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *site) open(ctx context.Context) (err error) {
	if s.store, err = openStore(s.db); err != nil {
		return err
	}
	key, err := openKey(s.db)
	if err != nil {
		return err
	}
	if s.users, err = openUsers(ctx, s.db, s.admin, s.params); err != nil {
		return err
	}
	s.sessions, err = sessions.New(s.store, sessions.Options{
		Cookie: sessions.CookieOptions{InsecureHTTP: !s.https}, // browsers drop Secure cookies over plain HTTP
	})
	if err != nil {
		return err
	}
	const year = 365 * 24 * time.Hour
	name := "browser"
	if s.https {
		name = "__Host-browser"
	}
	s.browsers, err = sessions.New(s.store, sessions.Options{
		Cookie: sessions.CookieOptions{Name: name, InsecureHTTP: !s.https},
		Expiry: sessions.Remember(year, year),
	})
	if err != nil {
		return err
	}
	s.auth, err = login.New(s.sessions, s.users, login.Options{
		HashKeys:     []sessions.Secret{key},
		LoginURL:     "/login",
		ConfirmURL:   "/confirm",
		MaxSessions:  20,
		ErrorHandler: s.refuse,
		OnEvent: func(ctx context.Context, e login.Event) { // an audit needs logins and refusals (ASVS 16.3.1)
			s.log.InfoContext(ctx, "login", "event", e)
		},
	})
	if err != nil {
		return err
	}
	s.may, err = login.NewPermissions(s.auth, s.users)
	return err
}

func openStore(db string) (store.Store, error) {
	if db == "memory" {
		return new(memstore.Store), nil
	}
	st, err := sqlitestore.Open(db)
	if err != nil {
		return nil, err // returning st would make a store that is not nil
	}
	return st, nil
}

// close closes what was opened, which may not be everything.
func (s *site) close() error {
	var errs []error
	if s.users != nil {
		errs = append(errs, s.users.close())
	}
	if c, ok := s.store.(io.Closer); ok {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// handler returns all pages. Every change is a POST request, because
// auth.Handler refuses those of other sites and lets their GET requests pass.
func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.Handle("GET /style.css", http.FileServerFS(style))

	mux.HandleFunc("GET /signup", s.signUpPage)
	mux.HandleFunc("POST /signup", s.signUp)
	mux.HandleFunc("GET /login", s.signInPage)
	mux.HandleFunc("POST /login", s.signIn)
	mux.HandleFunc("POST /logout", s.signOut)
	mux.HandleFunc("GET /goodbye", s.goodbye)
	mux.HandleFunc("GET /forget.css", s.forget)

	mux.Handle("GET /account", s.auth.HandlerFunc(s.account))
	mux.Handle("GET /confirm", s.auth.HandlerFunc(s.confirmPage))
	mux.Handle("POST /confirm", s.auth.HandlerFunc(s.confirm))
	mux.Handle("GET /password", s.auth.HandlerFunc(s.passwordPage))
	mux.Handle("POST /password", s.auth.HandlerFunc(s.changePassword))

	// These need a recent proof of identity (ASVS 7.5.2). Otherwise anyone who
	// has stolen a session could sign its owner out again and again.
	recent := func(f func(http.ResponseWriter, *http.Request, user)) http.Handler {
		return s.auth.RequireRecent(s.recent)(s.auth.HandlerFunc(f))
	}
	mux.Handle("GET /devices", recent(s.devices))
	mux.Handle("POST /devices/revoke", recent(s.revoke))
	mux.Handle("POST /devices/revoke-others", recent(s.revokeOthers))

	admins := func(f func(http.ResponseWriter, *http.Request, user)) http.Handler {
		return s.may.Require(manageUsers)(recent(f))
	}
	mux.Handle("GET /admin", admins(s.admins))
	mux.Handle("POST /admin/revoke", admins(s.revokeUser))

	return s.guard(s.browsers.Handler(s.auth.Handler(mux)))
}

// maxBody is the most that a request may send, in bytes.
const maxBody = 16 << 10

// guard limits the size of requests and what pages may do.
func (s *site) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		if s.https {
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
