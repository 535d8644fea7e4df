package login_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions/login"
)

// post303 signs ann in as the handler of a form does.
func (b *browser) post303(name string) int {
	return b.send(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, err := b.a.Authenticate(r.Context(), password{name, name + "'s"})
		if err == nil {
			err = b.a.Login(r.Context(), u, login.Details{})
		}
		if err != nil {
			b.a.Error(w, r, err)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}), form("https://example.com/login", nil)).StatusCode
}

// TestSameFormSentTwice signs the user in twice. Whichever answer arrives last,
// its cookie works and has what Options.Keep names.
func TestSameFormSentTwice(t *testing.T) {
	for name, test := range map[string]struct {
		setup func(*browser)
		after bool // the second form arrives when the first is answered
		other string
		cart  string // in the second session
	}{
		"at once":                     {func(*browser) {}, false, "ann", "tea"},
		"one after the other":         {func(*browser) {}, true, "ann", "tea"},
		"at once, by two users":       {func(*browser) {}, false, "bob", ""},
		"one after the other, by two": {func(*browser) {}, true, "bob", ""},
		"at once, by who is ann":      {annSignedIn, false, "ann", ""},
		"one by one, by who is ann":   {annSignedIn, true, "ann", "tea"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, login.Options{Keep: []string{"cart"}})
			first := a.browser()
			test.setup(first)
			first.set("cart", "tea")
			first.set("note", "milk")
			second := first.copy()
			one := func() { want(t, "the faster one", first.post303("ann"), http.StatusSeeOther) }
			if test.after {
				one()
			} else {
				a.onSave(one)
			}
			want(t, "the slower one", second.post303(test.other), http.StatusSeeOther)
			want(t, "whose the first cookie is", first.who(), "ann")
			want(t, "whose the second cookie is", second.who(), test.other)
			want(t, "two tokens", first.token() != second.token(), true)
			want(t, "the first cart", first.get("cart"), "tea")
			if test.cart != "" {
				want(t, "the second cart", second.get("cart"), test.cart)
			}
			if test.other == "bob" {
				want(t, "bob's cart", second.get("cart"), "")
			}
			first.set("cart", "coffee")
			want(t, "the second cart is another", second.get("cart") != "coffee", true)
		})
	}
}

// TestLoginOverASessionThatEnded works also for the same user.
func TestLoginOverASessionThatEnded(t *testing.T) {
	for _, name := range []string{"ann", "bob"} {
		for what, end := range map[string]func(a *app, b *browser){
			"logout":     func(_ *app, b *browser) { b.copy().signOut() },
			"revocation": func(a *app, _ *browser) { _ = a.RevokeAll(a.t.Context(), a.ann()) },
			"confirmation": func(a *app, b *browser) {
				b.copy().post(func(r *http.Request) (string, error) { return "", a.Confirm(r.Context(), a.ann()) })
			},
			"renewal": func(_ *app, b *browser) { want(b.t(), "renewal", b.copy().renew(), "200 renewed") },
		} {
			for _, early := range []bool{false, true} { // before the request has loaded the session
				t.Run(what+" before a login of "+name, func(t *testing.T) {
					a := newApp(t, login.Options{})
					b := a.browser()
					annSignedIn(b)
					old := b.copy()
					if early {
						end(a, b)
					}
					want(t, "login", b.post(func(r *http.Request) (string, error) {
						if _, _, err := a.User(r.Context()); err != nil {
							return "", err
						}
						if !early {
							end(a, b)
						}
						u, _ := a.users.find(name)
						return "in", a.Login(r.Context(), u, login.Details{})
					}), "200 in")
					want(t, "who", b.who(), name)
					if what != "renewal" {
						want(t, "the old token", old.who(), "nobody")
					}
				})
			}
		}
	}
}

// renew gives a browser's session a new token.
func (b *browser) renew() string {
	return b.post(func(r *http.Request) (string, error) {
		s, err := b.a.sessions.Load(r.Context())
		if err != nil {
			return "", err
		}
		if err := s.Renew(); err != nil {
			return "", err
		}
		return "renewed", s.Save(r.Context())
	})
}

// TestActWithinARenewal does one act after a request has loaded the session and
// another one has renewed it: it is done, or the visitor is told that it is
// not.
func TestActWithinARenewal(t *testing.T) {
	for _, x := range acts {
		for k := 1; k < 9; k++ {
			t.Run(x.name, func(t *testing.T) {
				a := newApp(t, login.Options{})
				one := a.browser()
				annSignedIn(one)
				other, old, id := one.copy(), one.copy(), one.id()
				n := 0
				a.store.Hook = func(string, string) {
					if n++; n == k {
						other.renew()
					}
				}
				told := x.do(a, one, id)
				a.store.Hook = nil
				switch {
				case told == "409 Conflict":
					want(t, "who has renewed", other.who(), "ann")
				case told != "200 done":
					t.Errorf("told %q", told)
				case x.does == ends:
					want(t, "who has renewed", other.who(), "nobody")
					want(t, "the old token", old.who(), "nobody")
				case x.does == renews:
					want(t, "who did it", one.who(), "ann")
					want(t, "the old token", old.who(), "nobody")
				case x.does == enters:
					want(t, "who signed in", one.who(), x.who)
				}
				if t.Failed() {
					t.Logf("before operation %d of %d; told %q", k, n, told)
				}
			})
		}
	}
}

func TestLogoutThatEndsNothingIsNoGoodbye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, login.Options{})
		for name, test := range map[string]struct {
			meanwhile func(b *browser)
			want      string
			after     string // whose the newer cookie is
		}{
			"login again":        {func(b *browser) { b.signIn("ann", login.Details{}) }, "409 Conflict", "ann"},
			"login as bob":       {func(b *browser) { b.signIn("bob", login.Details{}) }, "409 Conflict", "bob"},
			"change of password": {func(b *browser) { b.changePassword(true) }, "409 Conflict", "ann"},
			"renewal":            {func(b *browser) { b.renew() }, "200 bye", "nobody"},
			"logout":             {func(b *browser) { b.signOut() }, "200 bye", "nobody"},
			"revocation": {func(b *browser) {
				wantErr(t, "RevokeAll", a.RevokeAll(t.Context(), a.ann()), nil)
			}, "200 bye", "nobody"},
			"its end by time": {func(*browser) { time.Sleep(2 * time.Hour) }, "200 bye", "nobody"},
		} {
			a.users.set("ann", user{Name: "ann", Password: "ann's"})
			b := a.browser()
			annSignedIn(b)
			newer := b.copy()
			a.told()
			want(t, name, b.post(func(r *http.Request) (string, error) {
				if _, _, err := a.User(r.Context()); err != nil {
					return "", err
				}
				test.meanwhile(newer)
				a.told()
				return "bye", a.Logout(r.Context())
			}), test.want)
			want(t, name+": whose the newer cookie is", newer.who(), test.after)
			if test.want == "409 Conflict" {
				want(t, name+": events", a.told(), "")
				want(t, name+": once more, by the newer cookie", newer.signOut(), "200 bye")
			}
		}
	})
}

// TestLogoutBySubjectMeetsARenewal is for applications that sign users out with
// SetSubject(""): nobody is told that they are signed out while a newer token
// still signs them in.
func TestLogoutBySubjectMeetsARenewal(t *testing.T) {
	for name, explicit := range map[string]bool{"Save": true, "response": false} {
		a := newApp(t, login.Options{})
		b := a.browser()
		annSignedIn(b)
		newer := b.copy()
		got := b.post(func(r *http.Request) (string, error) {
			s, err := a.sessions.Load(r.Context())
			if err != nil {
				return "", err
			}
			want(t, "renewal", newer.renew(), "200 renewed")
			if err := s.SetSubject(""); err != nil || !explicit {
				return "bye", err
			}
			return "bye", s.Save(r.Context())
		})
		want(t, name, got, "409 Conflict")
		want(t, name+": whose the newer token is", newer.who(), "ann")
		want(t, name+": once more, with that", newer.post(func(r *http.Request) (string, error) {
			s, err := a.sessions.Load(r.Context())
			if err != nil {
				return "", err
			}
			return "bye", s.SetSubject("")
		}), "200 bye")
		want(t, name+": then", newer.who(), "nobody")
		want(t, name+": the token of before", b.copy().who(), "nobody")
	}
}
