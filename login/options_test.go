package login_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

func TestOptionsThatCannotWorkAreOneError(t *testing.T) {
	var none *users
	_, err := login.New(nil, none, login.Options{
		HashKeys: []sessions.Secret{key1, key2[:31]}, LoginURL: "//evil.example\x7f", ConfirmURL: "login",
		RememberFor: time.Microsecond, MaxSessions: -1, StrippedPrefix: "app/",
	})
	for _, o := range []login.Options{{RememberIdle: -1}, {RememberFor: time.Hour, RememberIdle: 2 * time.Hour}} {
		if _, err := login.New(nil, none, o); err == nil || !strings.Contains(err.Error(), "RememberIdle "+o.RememberIdle.String()) {
			t.Errorf("RememberIdle %v: error %v", o.RememberIdle, err)
		}
	}
	for _, part := range []string{
		"login: ", "the session manager is nil", "the backend is nil", "key 1 of HashKeys has 31 bytes; at least 32", "LoginURL: ",
		`ConfirmURL "login" is neither a path`, `StrippedPrefix "app/"`, "RememberFor 1µs", "MaxSessions -1",
	} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v lacks %q", err, part)
		}
	}
	if err != nil && strings.Contains(err.Error(), string(key2[:31])) {
		t.Error("the error has a key")
	}
	m, err := sessions.New(new(memstore.Store), sessions.Options{})
	wantErr(t, "sessions.New", err, nil)
	_, err = login.New(m, new(users), login.Options{})
	if err == nil || !strings.Contains(err.Error(), "HashKeys is empty") {
		t.Errorf("no keys: error %v", err)
	}
}

// brief is a store that cannot list.
type brief struct{ *memstore.Store }

func (brief) List() {}

func TestStoreThatCannotListIsTold(t *testing.T) {
	m, err := sessions.New(brief{new(memstore.Store)}, sessions.Options{})
	wantErr(t, "sessions.New", err, nil)
	b := &users{known: map[string]user{"ann": {Name: "ann", Password: "ann's"}}}
	l, err := login.New(m, b, login.Options{HashKeys: []sessions.Secret{key1}, MaxSessions: 1, OnEvent: func(context.Context, login.Event) {}})
	wantErr(t, "New", err, nil)
	a := &app{Manager: l, t: t, sessions: m, users: b}
	c := a.browser()
	want(t, "login", c.signIn("ann", login.Details{}), "500 Internal Server Error")
	want(t, "afterwards", c.who(), "nobody")
	ann, _ := b.find("ann")
	_, err = l.Devices(t.Context(), ann)
	want(t, "Devices", err != nil && strings.Contains(err.Error(), "cannot list"), true)
}

func TestPagesThatCannotBeRedirectedTo(t *testing.T) {
	m, err := sessions.New(new(memstore.Store), sessions.Options{})
	wantErr(t, "sessions.New", err, nil)
	for page, fits := range map[string]bool{
		"/login": true, "/login?lang=en#form": true, "https://sso.example.com": true, "http://localhost:8080/login": true,
		"login": false, "//sso.example.com": false, "https:login": false, "https:///login": false, "javascript:login()": false,
		"mailto:ann@example.com": false, `/\sso.example.com`: false, "/log in": false, "/login\n": false, "?login": false,
	} {
		_, err := login.New(m, new(users), login.Options{HashKeys: []sessions.Secret{key1}, LoginURL: page})
		want(t, page, err == nil, fits)
	}
}

// TestOptionsAreTheManagersOwn: a caller may use its slices again.
func TestOptionsAreTheManagersOwn(t *testing.T) {
	key, keep := sessions.Secret(bytes.Repeat([]byte{1}, 32)), []string{"cart"}
	keys := []sessions.Secret{key, key} // the same twice is no harm
	a := newApp(t, login.Options{HashKeys: keys, Keep: keep})
	b, c := a.browser(), a.browser()
	annSignedIn(b)
	c.set("cart", "tea")
	clear(key)
	clear(keys)
	keep[0] = "note"
	want(t, "who", b.who(), "ann")
	annSignedIn(c)
	want(t, "cart", c.get("cart"), "tea")
}

// TestR115_ParameterOfALoginPageIsNotReplaced: an operator whose login page has
// a parameter "next" of its own is told so before a visitor loses it.
func TestR115_ParameterOfALoginPageIsNotReplaced(t *testing.T) {
	m, err := sessions.New(new(memstore.Store), sessions.Options{})
	wantErr(t, "sessions.New", err, nil)
	for _, test := range []struct {
		opts login.Options
		want string
	}{
		{login.Options{LoginURL: "https://sso.example.com/?next=app"}, `LoginURL "https://sso.example.com/?next=app" has the parameter "next"; set another NextParam`},
		{login.Options{LoginURL: "/login", ConfirmURL: "/login?a=1&back=2", NextParam: "back"}, `ConfirmURL "/login?a=1&back=2" has the parameter "back"`},
		{login.Options{LoginURL: "/login?next=app", NextParam: "back"}, ""},
	} {
		test.opts.HashKeys = []sessions.Secret{key1}
		_, err := login.New(m, new(users), test.opts)
		want(t, test.opts.LoginURL, (err == nil) == (test.want == "") && (err == nil || strings.Contains(err.Error(), test.want)), true)
	}
	for prefix, fits := range map[string]bool{
		"": true, "/app": true, "/a/b": true, "/": false, "/app/": false, "app": false, "//app": false, `/a\b`: false, "/a b": false, "/a?b": false, "/a#b": false,
	} {
		_, err := login.New(m, new(users), login.Options{HashKeys: []sessions.Secret{key1}, StrippedPrefix: prefix})
		want(t, "StrippedPrefix "+prefix, err == nil, fits)
	}
}
