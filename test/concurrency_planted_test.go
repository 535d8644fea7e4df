package test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
)

// A thief has planted the token of a session of his own in the browser of a
// victim, who then logs in.

// TestR74_PlantedTokenIsWorthNothingAfterALogin: neither to a request of the
// thief that was under way, nor to later ones.
func TestR74_PlantedTokenIsWorthNothingAfterALogin(t *testing.T) {
	for name, act := range lateActs {
		for _, endOnReuse := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a, thief := fresh(t, sessions.Options{EndOnReuse: endOnReuse})
					thief.visit(a, both(count, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
						_ = claimable.Set(s, "once")
					}))
					planted := thief.token()
					victim := thief.with(a, read)
					page := func(w http.ResponseWriter, r *http.Request, s *sessions.Session) { act.f(t, w, r, s) }
					resp := thief.visit(a, meanwhile(func() {
						want(t, "the login", text(victim.visit(a, signIn("victim"))), "200 hello victim")
					}, page))
					want(t, "Set-Cookie of the thief", cookieLine(resp), "")
					id := a.id(victim.token())
					removal, began := "", time.Now()
					for _, wait := range []time.Duration{0, 5 * time.Second, 5 * time.Second, time.Minute} {
						<-time.After(wait)
						if time.Since(began) >= 10*time.Second { // the token opens nothing any more
							removal = "0"
						}
						want(t, "what the thief sees", a.see(planted), `200 "" 0`)
						other := a.browser(signOut)
						other.cookies["__Host-id"] = planted
						want(t, "Set-Cookie of a logout", maxAge(other.visit(a, signOut)), removal)
						_, err := a.Open(t.Context(), planted)
						wantOver(t, "Open", err)
						want(t, "what the victim sees", a.see(victim.token()), `200 "victim" 1`)
						want(t, "the victim's id", a.id(victim.token()), id)
					}
				})
			})
		}
	}
}

// TestR74_ThiefWhoLogsInHasASessionOfHisOwn: it has nothing of the victim's.
func TestR74_ThiefWhoLogsInHasASessionOfHisOwn(t *testing.T) {
	secret := func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = s.Set("secret", "the victim's")
		signIn("victim")(w, r, s)
	}
	for name, late := range map[string]bool{"a request under way": true, "a later request": false} {
		t.Run(name, func(t *testing.T) {
			a, thief := fresh(t, sessions.Options{})
			thief.visit(a, count)
			victim := thief.with(a, secret)
			if late {
				thief.visit(a, meanwhile(func() { victim.get() }, both(count, signIn("thief"))))
			} else {
				victim.get()
				thief.visit(a, both(count, signIn("thief")))
			}
			want(t, "what the thief sees", a.see(thief.token()), `200 "thief" 1`)
			thief.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
				wantKeys(t, "the thief's session", s, "counter")
			})
			want(t, "what the victim sees", a.see(victim.token()), `200 "victim" 1`)
			want(t, "records", a.kept(), 2)
		})
	}
}

// TestR74_ThiefWhoRenewsBeforeTheLoginKeepsOnlyHisOwn: the victim's login, on
// a token that is not the current one, begins another session.
func TestR74_ThiefWhoRenewsBeforeTheLoginKeepsOnlyHisOwn(t *testing.T) {
	for name, seen := range map[string]bool{"that is in use": true, "that was never used": false} {
		t.Run("with a token "+name, func(t *testing.T) {
			a, thief := fresh(t, sessions.Options{})
			thief.visit(a, count)
			victim := thief.with(a, signIn("victim"))
			thief.visit(a, renewing)
			if seen {
				thief.visit(a, read)
			}
			want(t, "the login", victim.get(), "200 hello victim")
			want(t, "what the victim sees", a.see(victim.token()), `200 "victim" 1`)
			want(t, "what the thief sees", a.see(thief.token()), `200 "" 1`)
			want(t, "the ids are the same", a.id(victim.token()) == a.id(thief.token()), false)
			thief.visit(a, signOut)
			want(t, "the victim's session after a logout of the thief", a.see(victim.token()), `200 "victim" 1`)
		})
	}
}
