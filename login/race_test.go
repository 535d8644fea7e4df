package login_test

import (
	"net/http"
	"testing"

	"github.com/gosessions/sessions/login"
)

// act is something that happens to ann's session, in her browser or from
// elsewhere, and is answered by "200 done" if it did.
type act struct {
	name string
	does deed
	who  string // enters
	do   func(a *app, hers *browser, id string) string
}

// deed is what an act is for.
type deed int

const (
	ends   deed = iota // the session, and what it is renewed to
	renews             // the session
	enters             // begins another
)

func elsewhere(f func(a *app, r *http.Request, id string) error) func(*app, *browser, string) string {
	return func(a *app, _ *browser, id string) string {
		return a.browser().post(func(r *http.Request) (string, error) { return "done", f(a, r, id) })
	}
}

func here(f func(a *app, r *http.Request) error) func(*app, *browser, string) string {
	return func(a *app, hers *browser, _ string) string {
		return hers.post(func(r *http.Request) (string, error) { return "done", f(a, r) })
	}
}

func (a *app) ann() user { u, _ := a.users.find("ann"); return u }

var acts = []act{
	{"logout", ends, "", here(func(a *app, r *http.Request) error { return a.Logout(r.Context()) })},
	{"revocation", ends, "", elsewhere(func(a *app, r *http.Request, id string) error {
		return a.Revoke(r.Context(), a.ann(), id)
	})},
	{"revocation of all", ends, "", elsewhere(func(a *app, r *http.Request, _ string) error { return a.RevokeAll(r.Context(), a.ann()) })},
	{"confirmation", renews, "", here(asAnn(func(a *app, r *http.Request, u user) error { return a.Confirm(r.Context(), u) }))},
	{"change of password", renews, "", here(asAnn(func(a *app, r *http.Request, u user) error { return a.changeAuthHash(r.Context(), u) }))},
	{"login again", enters, "ann", here(signInAs("ann"))},
	{"login as bob", enters, "bob", here(signInAs("bob"))},
}

// TestOneActWithinAnother does one before each store operation of another:
// what is acknowledged to have ended stays so, also what it was renewed to, who
// signs in is signed in, and the token that both had is nobody's afterwards.
func TestOneActWithinAnother(t *testing.T) {
	for _, outer := range acts {
		for _, inner := range acts {
			t.Run(inner.name+" within "+outer.name, func(t *testing.T) {
				for k := 1; within(t, outer, inner, k); k++ {
				}
			})
		}
	}
}

// within reports whether there was a k-th operation.
func within(t *testing.T, outer, inner act, k int) bool {
	a := newApp(t, login.Options{})
	one := a.browser()
	annSignedIn(one)
	other, old, id := one.copy(), one.copy(), one.id()
	n, said := 0, ""
	a.store.Hook = func(string, string) {
		if n++; n == k {
			said = inner.do(a, other, id)
		}
	}
	replied := outer.do(a, one, id)
	a.store.Hook = nil
	if said == "" {
		return false
	}
	want(t, "whose the old token is", old.who(), "nobody")
	both := [2]struct {
		act
		told string
		by   *browser
	}{{outer, replied, one}, {inner, said, other}}
	for i, x := range both {
		y := both[1-i]
		switch {
		case y.told != "200 done":
		case x.does == ends && y.does == renews && x.told == "200 done":
			want(t, "who has renewed what was ended", y.by.who(), "nobody")
		case x.does != ends && y.does == enters:
			want(t, "who has signed in", y.by.who(), y.who)
		}
	}
	if t.Failed() {
		t.Logf("before operation %d; the outer one is told %q, the inner one %q", k, replied, said)
	}
	return !t.Failed()
}
