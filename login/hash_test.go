package login_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// changePassword changes ann's password in the order that the documentation
// gives, or in the other one.
func (b *browser) changePassword(first bool) string {
	return b.post(func(r *http.Request) (string, error) {
		u, ok, err := b.a.User(r.Context())
		if err != nil || !ok {
			return "", login.ErrAnonymous
		}
		u.Password = "new"
		if !first {
			b.a.users.set("ann", u)
		}
		return "changed", b.a.changeAuthHash(r.Context(), u)
	})
}

func TestChangeOfPasswordEndsTheOtherSessions(t *testing.T) {
	for name, first := range map[string]bool{"session first": true, "password first": false} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, login.Options{})
			changer, other, bob := a.browser(), a.browser(), a.browser()
			annSignedIn(changer)
			annSignedIn(other)
			bob.signIn("bob", login.Details{})
			changer.set("cart", "tea")
			other.set("note", "private")
			before := changer.copy()
			a.told()
			want(t, "change", changer.changePassword(first), "200 changed")
			want(t, "the changer", changer.who(), "ann")
			want(t, "what the changer had", changer.get("cart"), "tea")
			want(t, "the changer's old token", before.who(), "nobody")
			want(t, "the other", other.who(), "nobody")
			want(t, "the other's cookie", other.token(), "")
			want(t, "bob", bob.who(), "bob")
			want(t, "ann's sessions", a.countSessions("ann"), 1)
			want(t, "events", a.told(), "changed:ann ended:ann")
			want(t, "the changer, later", changer.who(), "ann")
		})
	}
}

// TestR110_NoRequestFallsBetweenSessionAndPassword: the session that changes the
// password is valid before, during and after the change, and no other one is
// valid after it.
func TestR110_NoRequestFallsBetweenSessionAndPassword(t *testing.T) {
	a := newApp(t, login.Options{})
	b, other := a.browser(), a.browser()
	annSignedIn(b)
	annSignedIn(other)
	want(t, "change", b.post(func(r *http.Request) (string, error) {
		u, _, _ := a.User(r.Context())
		u.Password = "new"
		return "", a.ChangeAuthHash(r.Context(), u, func(ctx context.Context) error {
			want(t, "the token before", b.copy().who(), "nobody")
			now, ok, err := a.User(ctx)
			wantErr(t, "User while it is stored", err, nil)
			want(t, "who it is from then on", now.Password, "new")
			want(t, "signed in", ok, true)
			want(t, "events", strings.Contains(a.told(), "changed"), false)
			return nil // the database has taken it down, but does not show it yet
		})
	}), "200")
	want(t, "events", a.told(), "changed:ann")
	want(t, "before it is stored", b.who(), "ann")
	want(t, "the other, before", other.who(), "ann")
	ann, _ := a.users.find("ann")
	ann.Password = "new"
	a.users.set("ann", ann)
	want(t, "after", b.who(), "ann")
	want(t, "the other, after", other.who(), "nobody")
	ann.Password = "newer"
	a.users.set("ann", ann)
	want(t, "after a change elsewhere", b.who(), "nobody")
}

// TestR110_PasswordThatIsNotStoredIsNotChanged: whoever cannot change the
// password stays signed in with the old one, and is told why.
func TestR110_PasswordThatIsNotStoredIsNotChanged(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	annSignedIn(b)
	taken := errors.New("changed in another window")
	want(t, "change", b.post(func(r *http.Request) (string, error) {
		u, _, _ := a.User(r.Context())
		u.Password = "new"
		a.told()
		err := a.ChangeAuthHash(r.Context(), u, func(context.Context) error { return taken })
		want(t, "the error is that of store", err, taken)
		want(t, "events", a.told(), "")
		now, ok, err := a.User(r.Context())
		want(t, "who it is after that", ok && now.Password == "ann's", true)
		return "", err
	}), "200")
	want(t, "later", b.who(), "ann")
}

// TestR110_NoPasswordIsStoredWithoutASession: if the session cannot follow, the
// password stays as it is.
func TestR110_NoPasswordIsStoredWithoutASession(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	never := func(context.Context) error { t.Error("store is called"); return nil }
	change := func(name string) (err error) {
		u, _ := a.users.find(name)
		b.post(func(r *http.Request) (string, error) { err = a.ChangeAuthHash(r.Context(), u, never); return "", nil })
		return err
	}
	wantErr(t, "nobody", change("ann"), login.ErrAnonymous)
	want(t, "outside of a request", a.ChangeAuthHash(t.Context(), a.ann(), never) != nil, true)
	b.signIn("bob", login.Details{})
	wantErr(t, "somebody else", change("ann"), login.ErrCredentials)
	a.store.Fault = faultAll()
	wantErr(t, "the store fails", change("bob"), sessions.ErrUnavailable)
	a.store.Fault = nil
	want(t, "afterwards", b.who(), "bob")
}

// TestReaderThatLoadedTheSessionBeforeTheChange is on a dead token: it is
// nobody, and does not end the session.
func TestReaderThatLoadedTheSessionBeforeTheChange(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	annSignedIn(b)
	got := b.copy().post(func(r *http.Request) (string, error) {
		if _, err := a.sessions.Load(r.Context()); err != nil {
			return "", err
		}
		want(t, "change", b.changePassword(true), "200 changed")
		u, ok, err := a.User(r.Context())
		return fmt.Sprint(u.Name, ok), err
	})
	want(t, "the reader", got, "200 false")
	want(t, "the changer", b.who(), "ann")
}

// TestReaderWhoseSessionCannotBeReadAgain is not let in, and ends nothing.
func TestReaderWhoseSessionCannotBeReadAgain(t *testing.T) {
	for name, test := range map[string]struct {
		meanwhile func(a *app, b *browser)
		want      error
		after     string
	}{
		"the store fails":       {func(a *app, _ *browser) { a.store.Fault = faultAll() }, sessions.ErrUnavailable, "ann"},
		"the session has ended": {func(_ *app, b *browser) { b.copy().signOut() }, nil, "nobody"},
	} {
		a := newApp(t, login.Options{})
		b := a.browser()
		annSignedIn(b)
		ann, _ := a.users.find("ann")
		b.copy().post(func(r *http.Request) (string, error) {
			if _, err := a.sessions.Load(r.Context()); err != nil {
				return "", err
			}
			a.users.set("ann", user{Name: "ann", Password: "new"})
			test.meanwhile(a, b)
			u, ok, err := a.User(r.Context())
			wantErr(t, name, err, test.want)
			want(t, name+": who", fmt.Sprint(u.Name, ok), "false")
			return "", login.ErrBackend
		})
		a.store.Fault = nil
		a.users.set("ann", ann)
		want(t, name+": afterwards", b.who(), test.after)
	}
}

func TestUserWhoIsGoneIsSignedOut(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	annSignedIn(b)
	ann, _ := a.users.find("ann")
	a.users.set("ann", user{})
	a.told()
	want(t, "who", b.who(), "nobody")
	want(t, "events", a.told(), "ended:ann")
	want(t, "cookie", b.token(), "")
	a.users.set("ann", ann)
	want(t, "once she is back", b.who(), "nobody")
}

func TestSubjectWithoutALoginIsNobody(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	for name, value := range map[string]any{"nothing": nil, "something else": "hello", "hashes of nothing": map[string]any{"hashes": []string{"", "x"}}} {
		want(t, "setup", b.post(func(r *http.Request) (string, error) {
			s, err := a.sessions.Load(r.Context())
			if err != nil {
				return "", err
			}
			s.SetSubject("ann")
			if value != nil {
				err = s.Set("login.state", value)
			}
			return "", err
		}), "200")
		want(t, name, b.who(), "nobody")
	}
}

func TestHashIsTheUsersOwn(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	ann, _ := a.users.find("ann")
	a.users.set("bob", user{Name: "bob", Password: ann.Password})
	annSignedIn(b)
	b.post(func(r *http.Request) (string, error) {
		s, err := a.sessions.Load(r.Context())
		if err == nil {
			s.SetSubject("bob")
		}
		return "", err
	})
	want(t, "a session that changed hands by itself", b.who(), "nobody")
}

func TestKeyOfTheSession(t *testing.T) {
	for option, key := range map[string]string{"": "login.state", "mine": "mine"} {
		a := newApp(t, login.Options{Key: option})
		b := a.browser()
		annSignedIn(b)
		want(t, "keys", b.post(func(r *http.Request) (string, error) {
			s, err := a.sessions.Load(r.Context())
			return strings.Join(slices.Collect(s.Keys()), " "), err
		}), "200 "+key)
	}
}

// TestHashIsWhatItWas: another one would end everybody's sessions.
func TestHashIsWhatItWas(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	annSignedIn(b)
	b.post(func(r *http.Request) (string, error) {
		s, err := a.sessions.Load(r.Context())
		if err != nil {
			return "", err
		}
		var kept struct {
			Hashes [][]byte `json:"hashes"`
		}
		_, err = s.Get("login.state", &kept)
		want(t, "HMAC-SHA256", hex.EncodeToString(kept.Hashes[0]), "3e6f455dec66d52382709f95e42a96d0d19654b36310161c32cbe6dc91e864c2")
		return "", err
	})
}

func TestHashKeysRotate(t *testing.T) {
	st := new(memstore.Store)
	on := func(keys ...sessions.Secret) *app {
		return newAppOn(t, &faultstore.Store{Store: st}, login.Options{HashKeys: keys})
	}
	before, both, after := on(key1), on(key2, key1), on(key2)
	move := func(b *browser, a *app) *browser { c := b.copy(); c.a = a; return c }
	old := before.browser()
	annSignedIn(old)
	want(t, "an old login with both keys", move(old, both).who(), "ann")
	new := both.browser()
	annSignedIn(new)
	want(t, "a new login without the old key", move(new, after).who(), "ann")
	want(t, "an old login without its key", move(old, after).who(), "nobody")
}

func TestNoAuthHashAndNoTokenInTheStore(t *testing.T) {
	st := &dump{Store: new(memstore.Store)}
	a := newAppOn(t, &faultstore.Store{Store: st}, login.Options{})
	b := a.browser()
	annSignedIn(b)
	want(t, "change", b.changePassword(true), "200 changed")
	ann, _ := a.users.find("ann")
	for _, secret := range [][]byte{[]byte("hash of ann's"), ann.SessionAuthHash(), []byte(b.token())} {
		for name, spelled := range map[string]string{
			"raw": string(secret), "hex": hex.EncodeToString(secret), "base64": base64.RawStdEncoding.EncodeToString(secret),
		} {
			want(t, name+" in the store", bytes.Contains(st.written, []byte(spelled)), false)
		}
	}
	want(t, "anything written", len(st.written) > 0, true)
}

// dump remembers all that is written.
type dump struct {
	*memstore.Store
	written []byte
}

func (d *dump) Create(ctx context.Context, r store.Record) error {
	d.written = append(d.written, r.Data...)
	return d.Store.Create(ctx, r)
}

func (d *dump) Save(ctx context.Context, r store.Record) error {
	d.written = append(d.written, r.Data...)
	return d.Store.Save(ctx, r)
}
