package login_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

// Account is the application's type of a user.
type Account struct {
	Name, PasswordHash string
	Admin              bool
}

func (a Account) UserID() string          { return a.Name }
func (a Account) SessionAuthHash() []byte { return []byte(a.PasswordHash) }

// Password is what a user of this application signs in with.
type Password struct{ Name, Password string }

func (p Password) AccountName() string { return p.Name } // for events

// Accounts is where the application keeps its users.
type Accounts map[string]Account

func (as Accounts) Authenticate(_ context.Context, p Password) (Account, error) {
	a := as[p.Name]
	if a.PasswordHash != "hash of "+p.Password { // use login.Passwords with argon2id
		return Account{}, login.ErrCredentials
	}
	return a, nil
}

func (as Accounts) User(_ context.Context, id string) (Account, error) {
	a, ok := as[id]
	if !ok {
		return Account{}, login.ErrNoUser
	}
	return a, nil
}

func (as Accounts) UserPermissions(_ context.Context, a Account) ([]string, error) {
	if a.Admin {
		return []string{"admin"}, nil
	}
	return nil, nil
}

func (as Accounts) GroupPermissions(context.Context, Account) ([]string, error) { return nil, nil }

func Example() {
	accounts := Accounts{"ann": {Name: "ann", PasswordHash: "hash of secret"}}
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		panic(err)
	}
	key := sessions.Secret(bytes.Repeat([]byte{42}, 32)) // from the configuration
	auth, err := login.New(manager, accounts, login.Options{HashKeys: []sessions.Secret{key}, LoginURL: "/login"})
	if err != nil {
		panic(err)
	}
	permissions, err := login.NewPermissions(auth, accounts)
	if err != nil {
		panic(err)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		a, err := auth.Authenticate(r.Context(), Password{r.FormValue("name"), r.FormValue("password")})
		if errors.Is(err, login.ErrCredentials) {
			http.Error(w, "Wrong name or password.", http.StatusUnauthorized) // better: the form again
			return
		}
		if err == nil {
			err = auth.Login(r.Context(), a, login.Details{Remember: r.FormValue("remember") != ""})
		}
		if err != nil {
			auth.Error(w, r, err)
			return
		}
		http.Redirect(w, r, auth.Next(r, "/"), http.StatusSeeOther)
	})
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		if err := auth.Logout(r.Context()); err != nil {
			auth.Error(w, r, err)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	mux.Handle("GET /account", auth.HandlerFunc(func(w http.ResponseWriter, r *http.Request, a Account) {
		_, _ = fmt.Fprintln(w, "Hello", a.Name)
	}))
	mux.Handle("GET /admin", permissions.Require("admin")(http.NotFoundHandler()))

	visitor := newVisitor(auth.Handler(mux))
	visitor.send("GET", "/account", nil)
	visitor.send("POST", "/login", url.Values{"name": {"ann"}, "password": {"guess"}})
	visitor.send("POST", "/login", url.Values{"name": {"ann"}, "password": {"secret"}, "next": {"/account"}})
	visitor.send("GET", "/account", nil)
	visitor.send("GET", "/admin", nil)
	visitor.send("POST", "/logout", nil)
	visitor.send("GET", "/account", nil)
	// Output:
	// GET /account: 303 /login?next=%2Faccount
	// POST /login: 401 Wrong name or password.
	// POST /login: 303 /account
	// GET /account: 200 Hello ann
	// GET /admin: 403 Forbidden
	// POST /logout: 303 /
	// GET /account: 303 /login?next=%2Faccount
}

// visitor prints what each page answers.
type visitor struct {
	h   http.Handler
	jar map[string]*http.Cookie
}

func newVisitor(h http.Handler) *visitor { return &visitor{h: h, jar: map[string]*http.Cookie{}} }

func (v *visitor) send(method, path string, form url.Values) {
	r := httptest.NewRequest(method, "https://example.com"+path, strings.NewReader(form.Encode()))
	r.RequestURI = path
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range v.jar {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	v.h.ServeHTTP(w, r)
	resp := w.Result()
	for _, c := range resp.Cookies() {
		v.jar[c.Name] = c
	}
	said := resp.Header.Get("Location")
	if said == "" {
		said = strings.TrimSpace(w.Body.String())
	}
	fmt.Printf("%s %s: %d %s\n", method, path, resp.StatusCode, said)
}
