package login_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

// user is the application's user.
type user struct {
	Name, Password string
	Perms, Groups  []string
}

func (u user) UserID() string          { return u.Name }
func (u user) SessionAuthHash() []byte { return []byte("hash of " + u.Password) }

// password is the application's credentials.
type password struct{ Name, Password string }

func (p password) AccountName() string { return p.Name }

// users is the application's backend, in memory.
type users struct {
	mu    sync.Mutex
	known map[string]user
	down  error
	asked []string // what it was asked
	hook  func(ctx context.Context)
}

func (b *users) ask(ctx context.Context, what string) error {
	if b.hook != nil {
		b.hook(ctx)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, what)
	return b.down
}

// fail makes the backend fail, or work again.
func (b *users) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down = err
}

// Asked returns what the backend was asked so far, and forgets it.
func (b *users) Asked() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	asked := strings.Join(b.asked, " ")
	b.asked = nil
	return asked
}

func (b *users) find(name string) (user, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	u, ok := b.known[name]
	return u, ok
}

// set stores a user, or removes one without a name.
func (b *users) set(name string, u user) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known[name] = u; u.Name == "" {
		delete(b.known, name)
	}
}

func (b *users) Authenticate(ctx context.Context, c password) (user, error) {
	if err := b.ask(ctx, "authenticate"); err != nil {
		return user{}, err
	}
	if u, ok := b.find(c.Name); ok && u.Password == c.Password {
		return u, nil
	}
	return user{}, fmt.Errorf("%q: %w", c.Name, login.ErrCredentials)
}

func (b *users) User(ctx context.Context, id string) (user, error) {
	if err := b.ask(ctx, "user"); err != nil {
		return user{}, err
	}
	if u, ok := b.find(id); ok {
		return u, nil
	}
	return user{}, fmt.Errorf("%q: %w", id, login.ErrNoUser)
}

func (b *users) UserPermissions(ctx context.Context, u user) ([]string, error) {
	return u.Perms, b.ask(ctx, "permissions")
}

func (b *users) GroupPermissions(ctx context.Context, u user) ([]string, error) {
	return u.Groups, b.ask(ctx, "groups")
}

var (
	key1 = sessions.Secret(bytes.Repeat([]byte{1}, 32))
	key2 = sessions.Secret(bytes.Repeat([]byte{2}, 32))
)

// app is an application with a login.
type app struct {
	*login.Manager[user, password]
	t        testing.TB
	sessions *sessions.Manager
	store    *faultstore.Store
	users    *users

	mu     sync.Mutex
	events []login.Event
}

// newApp returns an application with the users ann and bob, whose passwords
// are theirs and their name.
func newApp(t testing.TB, opts login.Options) *app {
	t.Helper()
	return newAppOn(t, &faultstore.Store{Store: new(memstore.Store)}, opts)
}

func newAppOn(t testing.TB, st *faultstore.Store, opts login.Options) *app {
	t.Helper()
	a := &app{t: t, store: st, users: &users{known: map[string]user{
		"ann": {Name: "ann", Password: "ann's", Perms: []string{"read"}, Groups: []string{"write"}},
		"bob": {Name: "bob", Password: "bob's"},
	}}}
	var err error
	quiet := func(context.Context, sessions.Event) {}
	if a.sessions, err = sessions.New(a.store, sessions.Options{OnEvent: quiet}); err != nil {
		t.Fatal(err)
	}
	if opts.HashKeys == nil {
		opts.HashKeys = []sessions.Secret{key1}
	}
	opts.OnEvent = func(_ context.Context, e login.Event) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.events = append(a.events, e)
	}
	if a.Manager, err = login.New(a.sessions, a.users, opts); err != nil {
		t.Fatal(err)
	}
	return a
}

// changeAuthHash changes a user's auth hash, and stores the user.
func (a *app) changeAuthHash(ctx context.Context, u user) error {
	return a.ChangeAuthHash(ctx, u, func(context.Context) error { a.users.set(u.Name, u); return nil })
}

// told returns the events so far, as in "login:ann denied", and forgets them.
func (a *app) told() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var told []string
	for _, e := range a.events {
		told = append(told, strings.TrimSuffix(string(e.Kind)+":"+e.UserID, ":"))
	}
	a.events = nil
	return strings.Join(told, " ")
}

func want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func wantErr(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) || (want == nil) != (err == nil) {
		t.Errorf("%s: got error %v, want %v", what, err, want)
	}
}
