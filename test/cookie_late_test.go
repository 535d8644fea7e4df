package test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// TestR14 has a slow request of the old token end after a login gave the
// browser a new one.
func TestR14_LateResponseLeavesTheNewerCookie(t *testing.T) {
	for name, slow := range map[string]func(context.Context, *sessions.Session){
		"reads":   func(_ context.Context, s *sessions.Session) { _, _ = counter.Get(s) },
		"writes":  func(_ context.Context, s *sessions.Session) { _ = counter.Set(s, 9) },
		"empties": func(_ context.Context, s *sessions.Session) { counter.Delete(s) },
		"clears":  func(_ context.Context, s *sessions.Session) { s.Clear() },
		"expiry":  func(_ context.Context, s *sessions.Session) { s.SetExpiry(sessions.Remember(time.Minute, year)) },
		"saves":   func(ctx context.Context, s *sessions.Session) { _ = counter.Set(s, 9); _ = s.Save(ctx) },
		"sets new": func(ctx context.Context, s *sessions.Session) {
			_ = counter.Set(s, 9)
			_ = s.Save(ctx)
			_ = counter.Set(s, 3)
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			b.visit(a, count)
			login := b.with(a, signIn("ann"))
			resp := b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
				login.get()
				slow(r.Context(), s)
			})
			want(t, "Set-Cookie of the slow response", fmt.Sprint(resp.Header["Set-Cookie"]), "[]")
			want(t, "the new session", a.see(login.token()), `200 "ann" 1`)
		})
		t.Run(name+", sent before the login, loaded after it", func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			b.visit(a, count)
			login := b.with(a, signIn("ann"))
			login.get()
			resp := b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) { slow(r.Context(), s) })
			want(t, "Set-Cookie of the slow response", fmt.Sprint(resp.Header["Set-Cookie"]), "[]")
			want(t, "the new session", a.see(login.token()), `200 "ann" 1`)
		})
	}
}

// TestR14_WriteThatFollowsARenewalSendsNoCookie: nor does a session whose
// cookie is sent again with each use.
func TestR14_WriteThatFollowsARenewalSendsNoCookie(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, both(signIn("ann"), expiring(sessions.Remember(time.Hour, year))))
	other := b.with(a, renewing)
	resp := b.visit(a, meanwhile(func() { want(t, "renewal", other.get(), "200 renewed") }, count))
	want(t, "reply", text(resp), "200 2")
	want(t, "Set-Cookie", cookieLine(resp), "")
	want(t, "the session", a.see(other.token()), `200 "ann" 2`)
}

// TestR14_SaveAfterAConflictSendsTheCookie: the session is still the browser's.
func TestR14_SaveAfterAConflictSendsTheCookie(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	token := b.token()
	resp := b.visit(a, meanwhile(func() {
		a.overtake(b, func(s *sessions.Session) { _ = s.Set("theirs", 1) })
	}, expiring(sessions.Remember(time.Hour, year))))
	want(t, "Max-Age", maxAge(resp), "3600")
	want(t, "token", b.token(), token)
}

// TestR14_LostAnswerAndARenewal: a write that arrived before another request
// renewed the session has not ended it.
func TestR14_LostAnswerAndARenewal(t *testing.T) {
	for name, tc := range map[string]struct {
		page          handler
		after, events string
	}{
		"renewal": {renewing, `200 "ann" 2`, "renewed"},
		"login":   {signIn("bob"), `200 "bob" 2`, "renewed"},
		"logout":  {signOut, `200 "" 0`, "destroyed gone"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(both(count, signIn("ann")))
			b.get()
			other := b.with(a, read)
			resp := b.visit(a, meanwhile(func() {
				a.kinds()
				a.store.Fault = failing("save", faultstore.After)
				a.during("load", func() {
					a.store.Fault = nil
					want(t, name, other.visit(a, tc.page).StatusCode, http.StatusOK)
				})
			}, count))
			want(t, "reply", text(resp), "200 2")
			want(t, "Set-Cookie", cookieLine(resp), "")
			want(t, "events", a.kinds(), tc.events)
			want(t, "the other's session", a.see(other.token()), tc.after)
		})
	}
}
