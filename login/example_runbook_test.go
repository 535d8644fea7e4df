package login_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// The examples of this file are the steps of docs/runbook.md.

// site is an application that is started again with other options. Its visitor
// keeps the cookie.
type site struct {
	store    store.Store
	accounts Accounts
	visitor  *visitor
}

// newSite returns a site to which ann is signed in.
func newSite(hashKey sessions.Secret) *site {
	s := &site{store: new(memstore.Store), accounts: Accounts{"ann": {Name: "ann", PasswordHash: "hash of secret"}}}
	s.visitor = newVisitor(nil)
	s.start(sessions.Options{}, login.Options{HashKeys: []sessions.Secret{hashKey}})
	s.visitor.send("POST", "/login", url.Values{"name": {"ann"}, "password": {"secret"}})
	return s
}

func (s *site) start(opts sessions.Options, loginOpts login.Options) (*sessions.Manager, *login.Manager[Account, Password]) {
	opts.OnEvent = func(context.Context, sessions.Event) {}
	manager, err := sessions.New(s.store, opts)
	if err != nil {
		panic(err)
	}
	auth, err := login.New(manager, s.accounts, loginOpts)
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		a, err := auth.Authenticate(r.Context(), Password{r.FormValue("name"), r.FormValue("password")})
		if err == nil {
			err = auth.Login(r.Context(), a, login.Details{})
		}
		if err != nil {
			auth.Error(w, r, err)
			return
		}
		_, _ = fmt.Fprintln(w, "Welcome")
	})
	mux.Handle("GET /account", auth.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, a Account) {
		_, _ = fmt.Fprintln(w, "Hello", a.Name)
	}))
	s.visitor.h = auth.Handler(mux)
	return manager, auth
}

var oldKey = sessions.Secret(bytes.Repeat([]byte{1}, 32))

// A new key that stands alone ends the sessions of all users. Behind a new key,
// the old one still verifies.
func Example_stolenHashKeys() {
	site := newSite(oldKey)
	newKey := sessions.Secret(bytes.Repeat([]byte{2}, 32))

	opts := login.Options{
		HashKeys: []sessions.Secret{newKey, oldKey}, // the thief cannot write to the store
	}
	site.start(sessions.Options{}, opts)
	site.visitor.send("GET", "/account", nil)

	opts = login.Options{
		HashKeys: []sessions.Secret{newKey}, // the thief may have written to the store
	}
	site.start(sessions.Options{}, opts)
	site.visitor.send("GET", "/account", nil)
	// Output:
	// POST /login: 200 Welcome
	// GET /account: 200 Hello ann
	// GET /account: 401 Unauthorized
}

// A namespace that nobody could know makes every record useless that is in the
// store.
func Example_writtenStore() {
	site := newSite(oldKey)
	namespace := "id-" + rand.Text() // once, then in the configuration of all processes

	opts := sessions.Options{
		Namespace: namespace,
	}
	site.start(opts, login.Options{HashKeys: []sessions.Secret{oldKey}})
	site.visitor.send("GET", "/account", nil)
	// Output:
	// POST /login: 200 Welcome
	// GET /account: 401 Unauthorized
}

// All sessions that began before a time are over.
func Example_endEverybodysSessions() {
	site := newSite(oldKey)
	from := time.Now() // from the configuration

	opts := sessions.Options{
		ValidFrom: from, // the same time in all processes
	}
	site.start(opts, login.Options{HashKeys: []sessions.Secret{oldKey}})
	site.visitor.send("GET", "/account", nil)
	// Output:
	// POST /login: 200 Welcome
	// GET /account: 401 Unauthorized
}

// An operator ends the sessions of a user by a program of its own. It needs the
// store, and the Namespace and Cookie.Name of the site.
func Example_endSessionsOfAUser() {
	site := newSite(oldKey)
	ctx, st, user := context.Background(), site.store, "ann"

	manager, err := sessions.New(st, sessions.Options{})
	if err != nil {
		panic(err)
	}
	for s, err := range manager.List(ctx, user) {
		if err != nil {
			fmt.Println("cannot be read:", err)
			continue
		}
		fmt.Println("a session that began", time.Since(s.Created()).Round(time.Hour), "ago")
	}
	if err := manager.RevokeAll(ctx, user); err != nil {
		panic(err) // some may be left: run it again
	}
	site.visitor.send("GET", "/account", nil)
	// Output:
	// POST /login: 200 Welcome
	// a session that began 0s ago
	// GET /account: 401 Unauthorized
}

// Revoke ends the session that an event or a list of devices names.
func Example_stolenCookie() {
	site := newSite(oldKey)
	manager, auth := site.start(sessions.Options{}, login.Options{HashKeys: []sessions.Secret{oldKey}})
	ctx, ann := context.Background(), site.accounts["ann"]
	devices, err := auth.Devices(ctx, ann)
	if err != nil {
		panic(err)
	}
	id := devices[0].ID

	err = manager.Revoke(ctx, id)
	if errors.Is(err, sessions.ErrNotFound) {
		err = nil // it has ended already
	}
	fmt.Println(err)
	site.visitor.send("GET", "/account", nil)
	// Output:
	// POST /login: 200 Welcome
	// <nil>
	// GET /account: 401 Unauthorized
}

// The account is closed first. Otherwise the user could sign in again after
// their sessions were ended.
func Example_leaver() {
	site := newSite(oldKey)
	manager, _ := site.start(sessions.Options{}, login.Options{HashKeys: []sessions.Secret{oldKey}})
	ctx := context.Background()

	delete(site.accounts, "ann") // Backend.User and Authenticate return ErrNoUser or ErrCredentials
	if err := manager.RevokeAll(ctx, "ann"); err != nil {
		panic(err)
	}
	site.visitor.send("GET", "/account", nil)
	site.visitor.send("POST", "/login", url.Values{"name": {"ann"}, "password": {"secret"}})
	// Output:
	// POST /login: 200 Welcome
	// GET /account: 401 Unauthorized
	// POST /login: 401 Unauthorized
}

// A user who cannot be sure of their password gets a new one. It ends all their
// sessions, including those of anyone else who knew the old one.
func Example_userReportsATheft() {
	site := newSite(oldKey)
	_, auth := site.start(sessions.Options{}, login.Options{HashKeys: []sessions.Secret{oldKey}})
	ctx := context.Background()

	ann := site.accounts["ann"]
	ann.PasswordHash = "hash of " + rand.Text() // nobody knows it; ann resets it by e-mail
	site.accounts["ann"] = ann
	if err := auth.RevokeAll(ctx, ann); err != nil {
		panic(err)
	}
	site.visitor.send("GET", "/account", nil)
	site.visitor.send("POST", "/login", url.Values{"name": {"ann"}, "password": {"secret"}})
	// Output:
	// POST /login: 200 Welcome
	// GET /account: 401 Unauthorized
	// POST /login: 401 Unauthorized
}
