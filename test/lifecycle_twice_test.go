package test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
)

// browse is what a visitor does before a login.
func browse(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
	_ = s.Set("cart", "tea")
	_ = s.Set("draft", "dear")
}

// enter is a login that keeps the cart, sets a value and counts.
func enter(subject string) handler {
	return func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		s.ClearExcept("cart")
		_ = s.Set("last", subject)
		_, _ = counter.Update(s, func(n int) int { return n + 1 })
		signIn(subject)(w, r, s)
	}
}

// wantEntered checks the session of a browser after a login.
func wantEntered(t *testing.T, a *app, b *browser, subject string, keys ...string) {
	t.Helper()
	want(t, "what the token shows", a.see(b.token()), fmt.Sprintf("200 %q 1", subject))
	b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		wantKeys(t, subject+"'s session", s, keys...)
		var last string
		_, err := s.Get("last", &last)
		want(t, "error", err, nil)
		want(t, "the value of the login", last, subject)
	})
}

// TestR77_LoginOnADeadTokenBeginsASession: in whichever order the two requests
// of a form that is sent twice are loaded and saved, both are answered, and
// both cookies open a session with the values that a login keeps.
func TestR77_LoginOnADeadTokenBeginsASession(t *testing.T) {
	ann, bob := enter("ann"), enter("bob")
	kept, own := []string{"cart", "counter", "last"}, []string{"counter", "last"}
	for name, tc := range map[string]struct {
		first, second handler
		subject       string        // of the second
		within        bool          // the first comes while the second runs
		after         time.Duration // of the first
		keys          []string      // of the second's session
	}{
		"both loaded before":                      {ann, ann, "ann", true, 0, kept},
		"one after the other":                     {ann, ann, "ann", false, 0, kept},
		"one at the end of the grace":             {ann, ann, "ann", false, 10*time.Second - time.Millisecond, kept},
		"one after the grace":                     {ann, ann, "ann", false, 10 * time.Second, own},
		"one long after":                          {ann, ann, "ann", false, 30 * time.Minute, own},
		"another user, both loaded before":        {ann, bob, "bob", true, 0, own},
		"another user, one after the other":       {ann, bob, "bob", false, 0, own},
		"another user after the grace":            {ann, bob, "bob", false, time.Minute, own},
		"the same user after a renewal":           {renewing, ann, "ann", false, 0, kept},
		"the same user while there was a renewal": {renewing, ann, "ann", true, 0, kept},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, second := fresh(t, sessions.Options{})
				second.visit(a, browse)
				id := a.id(second.token())
				first := second.with(a, tc.first)
				page := tc.second
				if tc.within {
					page = meanwhile(func() { first.get() }, tc.second)
				} else {
					first.get()
					<-time.After(tc.after)
				}
				want(t, "reply to the second", text(second.visit(a, page)), "200 hello "+tc.subject)
				wantEntered(t, a, second, tc.subject, tc.keys...)
				want(t, "id of the first", a.id(first.token()), id)
				if a.id(second.token()) == id {
					t.Error("both have one session")
				}
				want(t, "records", a.kept(), 2)
				if a.see(first.token()) != `200 "" 0` { // a login
					wantEntered(t, a, first, "ann", kept...)
				}
				second.visit(a, signOut)
				want(t, "the first after a logout of the second", a.id(first.token()), id)
			})
		})
	}
	t.Run("eight times at once", func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, browse)
		for i, resp := range together(a, b, 8, ann) {
			want(t, fmt.Sprint("reply ", i), text(resp), "200 hello ann")
			c := b.with(a, read)
			c.receive(resp)
			wantEntered(t, a, c, "ann", kept...)
		}
		want(t, "records", a.kept(), 8)
	})
	t.Run("with what the first has changed since", func(t *testing.T) {
		a, second := fresh(t, sessions.Options{})
		second.visit(a, browse)
		first := second.with(a, ann)
		first.get()
		first.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { _ = s.Set("cart", "tea, milk") })
		second.visit(a, ann)
		second.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			var cart string
			_, _ = s.Get("cart", &cart)
			want(t, "the second's cart", cart, "tea, milk")
		})
	})
	t.Run("with a policy of its own", func(t *testing.T) {
		a, second := fresh(t, sessions.Options{})
		second.visit(a, browse)
		remember := both(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			s.SetExpiry(sessions.Remember(day, 30*day))
		}, ann)
		want(t, "Max-Age of the first", maxAge(second.with(a, read).visit(a, remember)), "86400")
		want(t, "Max-Age of the second", maxAge(second.visit(a, remember)), "86400")
	})
}

// TestR77_ValuesOfAnotherUserNeverGoAlong: a login on a token that is no
// longer the current one gets nothing of a session that is somebody else's.
func TestR77_ValuesOfAnotherUserNeverGoAlong(t *testing.T) {
	for name, within := range map[string]bool{"while the request runs": true, "before the request": false} {
		for what, other := range map[string]handler{"a login": enter("ann"), "a logout by subject": signIn("")} {
			t.Run(what+" "+name, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{})
				b.visit(a, both(browse, signIn("carl")))
				c := b.with(a, other)
				page := signIn("bob")
				if within {
					page = meanwhile(func() { c.get() }, page)
				} else {
					c.get()
				}
				want(t, "reply", text(b.visit(a, page)), "200 hello bob")
				b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
					want(t, "subject", s.Subject(), "bob")
					wantKeys(t, "bob's session", s)
				})
			})
		}
	}
}
