package login_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/gosessions/sessions/login"
)

// beforeEach runs f before each of the store's operations but its own, at most
// a hundred times.
func (a *app) beforeEach(f func()) (times *atomic.Int32) {
	var busy atomic.Bool
	times = new(atomic.Int32)
	a.store.Hook = func(string, string) {
		if times.Load() < 100 && busy.CompareAndSwap(false, true) {
			defer busy.Store(false)
			times.Add(1)
			f()
		}
	}
	return times
}

// TestWhoKeepsSigningInDelaysNoRevocation: somebody changes the session's
// privileges before each step of a revocation, with the same cookie or with
// ever new ones.
func TestWhoKeepsSigningInDelaysNoRevocation(t *testing.T) {
	busy := map[string]func(a *app, thief *browser){
		"the same session": func(_ *app, thief *browser) { thief.signIn("ann", login.Details{}) },
		"a new session":    func(a *app, _ *browser) { a.browser().signIn("ann", login.Details{}) },
		"a renewal":        func(_ *app, thief *browser) { thief.renew() },
		"a confirmation": func(a *app, thief *browser) {
			thief.post(func(r *http.Request) (string, error) { return "", a.Confirm(r.Context(), a.ann()) })
		},
	}
	revoke := map[string]func(a *app, ann *browser, id string) string{
		"Revoke": func(a *app, ann *browser, id string) string {
			return ann.post(func(r *http.Request) (string, error) { return "done", a.Revoke(r.Context(), a.ann(), id) })
		},
		"RevokeOthers": func(a *app, ann *browser, _ string) string {
			return ann.post(func(r *http.Request) (string, error) { return "done", a.RevokeOthers(r.Context()) })
		},
		"RevokeAll": func(a *app, ann *browser, _ string) string {
			return ann.post(func(r *http.Request) (string, error) { return "done", a.RevokeAll(r.Context(), a.ann()) })
		},
	}
	for does, busy := range busy {
		for what, revoke := range revoke {
			t.Run(fmt.Sprintf("%s during %s", does, what), func(t *testing.T) {
				a := newApp(t, login.Options{})
				ann, thief := a.browser(), a.browser()
				annSignedIn(ann)
				annSignedIn(thief)
				first, id := thief.copy(), thief.id()
				times := a.beforeEach(func() { busy(a, thief) })
				told := revoke(a, ann, id)
				a.store.Hook = nil
				want(t, "told", told, "200 done")
				want(t, "the session's first token", first.who(), "nobody")
				if n := times.Load(); n < 2 || n > 20 {
					t.Errorf("the revocation took %d operations", n)
				}
				if does == "a renewal" { // which ends with the session
					want(t, "its newest token", thief.who(), "nobody")
				}
			})
		}
	}
}

// TestLoginsInALoopKeepToTheCap: the newest stay, whatever happens meanwhile.
func TestLoginsInALoopKeepToTheCap(t *testing.T) {
	a := newApp(t, login.Options{MaxSessions: 2})
	var all []*browser
	a.beforeEach(func() {
		if len(all) < 10 {
			b := a.browser()
			all = append(all, b)
			b.signIn("ann", login.Details{})
		}
	})
	b := a.browser()
	want(t, "login", b.signIn("ann", login.Details{}), "200 hello ann")
	a.store.Hook = nil
	want(t, "logins in between", len(all) > 1, true)
	want(t, "sessions", a.countSessions("ann"), 2)
	want(t, "the last", all[len(all)-1].who(), "ann")
}
