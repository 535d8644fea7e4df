package login_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/gosessions/sessions/login"
)

func TestPlantedTokenGainsNothing(t *testing.T) {
	for name, do := range map[string]func(b *browser) string{
		"login":       func(b *browser) string { return b.signIn("ann", login.Details{}) },
		"login again": func(b *browser) string { annSignedIn(b); return b.signIn("ann", login.Details{}) },
		"login as somebody else": func(b *browser) string {
			want(b.t(), "bob", b.signIn("bob", login.Details{}), "200 hello bob")
			return b.signIn("ann", login.Details{})
		},
		"logout and login in one request": func(b *browser) string { return b.inOne("logout", "ann") },
		"the same by who is signed in":    func(b *browser) string { annSignedIn(b); return b.inOne("logout", "ann") },
		"login, logout and login":         func(b *browser) string { return b.inOne("bob", "logout", "ann") },
		"login as two":                    func(b *browser) string { return b.inOne("bob", "ann") },
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, login.Options{Keep: []string{"cart"}})
			attacker := a.browser()
			attacker.set("cart", "tea")
			victim := attacker.copy()
			want(t, "login", do(victim), "200 hello ann")
			want(t, "victim", victim.who(), "ann")
			want(t, "attacker", attacker.copy().who(), "nobody")
			want(t, "what the attacker can read", attacker.copy().get("cart"), "")
			if got := attacker.copy().signOut(); got != "409 Conflict" && got != "200 bye" { // moments after the login, or on a token that is long dead
				t.Errorf("the attacker's logout: %s", got)
			}
			want(t, "victim after it", victim.who(), "ann")
		})
	}
}

// inOne signs in as those who are named and out, in one request.
func (b *browser) inOne(steps ...string) string {
	before := b.copy()
	defer func() { want(b.t(), "the token before", before.who(), "nobody") }()
	return b.post(func(r *http.Request) (string, error) {
		for _, step := range steps {
			u, ok := b.a.users.find(step)
			err := b.a.Logout
			if ok {
				err = func(ctx context.Context) error { return b.a.Login(ctx, u, login.Details{}) }
			}
			if err := err(r.Context()); err != nil {
				return "", err
			}
		}
		return "hello " + steps[len(steps)-1], nil
	})
}

func TestWhatALoginKeeps(t *testing.T) {
	for name, test := range map[string]struct {
		before string // who is signed in
		login  string
		want   string // cart and note
	}{
		"nobody becomes ann": {"", "ann", "tea -"},
		"ann once more":      {"ann", "ann", "tea milk"},
		"ann becomes bob":    {"ann", "bob", "- -"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, login.Options{Keep: []string{"cart"}})
			b := a.browser()
			if test.before != "" {
				b.signIn(test.before, login.Details{})
			}
			b.set("cart", "tea")
			b.set("note", "milk")
			b.signIn(test.login, login.Details{})
			want(t, "who", b.who(), test.login)
			show := func(s string) string {
				if s == "" {
					return "-"
				}
				return s
			}
			want(t, "values", show(b.get("cart"))+" "+show(b.get("note")), test.want)
		})
	}
}

func TestValueThatComesDuringALoginIsNotCarriedOver(t *testing.T) {
	a := newApp(t, login.Options{Keep: []string{"cart"}})
	b := a.browser()
	b.set("cart", "tea")
	a.onSave(func() {
		c := b.copy()
		c.set("note", "planted")
		c.set("cart", "coffee")
	})
	want(t, "login", b.signIn("ann", login.Details{}), "200 hello ann")
	want(t, "note", b.get("note"), "")
	want(t, "cart", b.get("cart"), "coffee")
}

// onSave runs f once, before the store replaces a record.
func (a *app) onSave(f func()) {
	var began atomic.Bool
	a.store.Hook = func(op, _ string) {
		if op == "save" && began.CompareAndSwap(false, true) {
			f()
		}
	}
}
