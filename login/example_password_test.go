package login_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

// Customer is a user whose sessions end when the stamp changes, not when the
// password is hashed anew.
type Customer struct{ Name, PasswordHash, Stamp string }

func (c Customer) UserID() string          { return c.Name }
func (c Customer) SessionAuthHash() []byte { return []byte(c.Stamp) }

// Customers is the backend. Its hashes are a stand-in for argon2id.
type Customers struct {
	passwords *login.Passwords
	all       map[string]Customer
}

func newCustomers() *Customers {
	passwords, err := login.NewPasswords(login.PasswordOptions{
		Hash:     func(password string) (string, error) { return "strong:" + password, nil },
		Compare:  func(password, hash string) (bool, error) { return strings.HasSuffix(hash, ":"+password), nil },
		Outdated: func(hash string) bool { return !strings.HasPrefix(hash, "strong:") },
	})
	if err != nil {
		panic(err)
	}
	return &Customers{passwords, map[string]Customer{"ann": {"ann", "weak:secret", "1"}}}
}

func (cs *Customers) Authenticate(ctx context.Context, p Password) (Customer, error) {
	c := cs.all[p.Name]
	rehashed, err := cs.passwords.Verify(ctx, p.Password, c.PasswordHash)
	if err != nil {
		return Customer{}, err
	}
	if rehashed != "" {
		c.PasswordHash = rehashed // and the same stamp
		cs.all[c.Name] = c        // in a database: only if the hash is still the one that was verified
	}
	return c, nil
}

func (cs *Customers) User(_ context.Context, id string) (Customer, error) {
	c, ok := cs.all[id]
	if !ok {
		return Customer{}, login.ErrNoUser
	}
	return c, nil
}

// A hash that was made with outdated parameters is replaced at the next
// sign-in, and nobody is signed out.
func ExamplePasswords_Verify() {
	customers := newCustomers()
	ctx := context.Background()
	_, err := customers.Authenticate(ctx, Password{"ann", "guess"})
	fmt.Println(errors.Is(err, login.ErrCredentials), customers.all["ann"])
	_, err = customers.Authenticate(ctx, Password{"ann", "secret"})
	fmt.Println(err, customers.all["ann"])
	// Output:
	// true {ann weak:secret 1}
	// <nil> {ann strong:secret 1}
}

// The user changes their password on one device. It stays signed in, and the
// others are signed out.
func ExampleManager_ChangeAuthHash() {
	customers := newCustomers()
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		panic(err)
	}
	key := sessions.Secret(bytes.Repeat([]byte{42}, 32)) // from the configuration
	auth, err := login.New(manager, customers, login.Options{HashKeys: []sessions.Secret{key}})
	if err != nil {
		panic(err)
	}
	changePassword := func(r *http.Request, c Customer) error {
		ctx := r.Context()
		hash, err := customers.passwords.Hash(ctx, r.PostFormValue("new"))
		if err != nil {
			return err
		}
		c.PasswordHash, c.Stamp = hash, rand.Text()
		if err := auth.ChangeAuthHash(ctx, c, func(context.Context) error {
			customers.all[c.Name] = c
			return nil
		}); err != nil {
			return err
		}
		return auth.RevokeOthers(ctx) // at once; otherwise they end at their next request
	}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		c, err := auth.Authenticate(r.Context(), Password{r.PostFormValue("name"), r.PostFormValue("password")})
		if err == nil {
			err = auth.Login(r.Context(), c, login.Details{})
		}
		if err != nil {
			auth.Error(w, r, err)
			return
		}
		_, _ = fmt.Fprint(w, "Welcome")
	})
	mux.Handle("GET /account", auth.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, c Customer) {
		_, _ = fmt.Fprint(w, "Hello ", c.Name)
	}))
	// Ask for the current password before, or require a recent proof as here.
	mux.Handle("POST /password", auth.RequireRecent(10*time.Minute)(auth.HandlerFunc(func(w http.ResponseWriter, r *http.Request, c Customer) {
		if err := changePassword(r, c); err != nil {
			auth.Error(w, r, err)
			return
		}
		http.Redirect(w, r, "/account", http.StatusSeeOther)
	})))

	phone, laptop := newVisitor(auth.Handler(mux)), newVisitor(auth.Handler(mux))
	form := url.Values{"name": {"ann"}, "password": {"secret"}}
	phone.send("POST", "/login", form)
	laptop.send("POST", "/login", form)
	laptop.send("POST", "/password", url.Values{"new": {"better secret"}})
	laptop.send("GET", "/account", nil)
	phone.send("GET", "/account", nil)
	phone.send("POST", "/login", form)
	// Output:
	// POST /login: 200 Welcome
	// POST /login: 200 Welcome
	// POST /password: 303 /account
	// GET /account: 200 Hello ann
	// GET /account: 401 Unauthorized
	// POST /login: 401 Unauthorized
}

// Administrators sign in on a page of their own.
func ExampleManager_Pages() {
	accounts := Accounts{}
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
	admins, err := auth.Pages(login.Pages{LoginURL: "/admin/login"})
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /account", auth.RequireLogin(http.NotFoundHandler()))
	mux.Handle("GET /admin/", admins(permissions.Require("admin")(http.NotFoundHandler())))

	visitor := newVisitor(auth.Handler(mux))
	visitor.send("GET", "/account", nil)
	visitor.send("GET", "/admin/users", nil)
	// Output:
	// GET /account: 303 /login?next=%2Faccount
	// GET /admin/users: 303 /admin/login?next=%2Fadmin%2Fusers
}
