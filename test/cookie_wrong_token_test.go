package test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// Responses that must not bring a token, or must bring the one that is live.

// zeros is in a token that was made of an ID and a secret of zeros.
const zeros = "AAAAAAAAAAAAAAAA"

// TestR14_RefreshedCookieLeavesTheNewerOne: an explicit Save is due to send
// the cookie again. Then another tab gets a new token.
func TestR14_RefreshedCookieLeavesTheNewerOne(t *testing.T) {
	for name, page := range map[string]handler{"login": signIn("ann"), "renewal": renewing} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{Expiry: sessions.Remember(time.Hour, day)})
				b.visit(a, count)
				tab, old := b.with(a, read), b.token()
				resp := b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
					_ = s.Set("step", 1)
					want(t, "Save", s.Save(r.Context()), nil)
					tab.visit(a, page)
					want(t, "the other tab has a new token", tab.token() != old, true)
					tab.visit(a, read) // so the new token is in use
					<-time.After(15 * time.Second)
				})
				if line := cookieLine(resp); strings.Contains(line, old) {
					t.Errorf("the response brings the token before, which is dead: %s", line)
				}
			})
		})
	}
}

// TestR14_DestroyOfARevokedSessionBringsNoToken: the request has saved a new
// session before.
func TestR14_DestroyOfARevokedSessionBringsNoToken(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	resp := b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = counter.Set(s, 1)
		want(t, "Save", s.Save(r.Context()), nil)
		want(t, "Revoke", a.Revoke(r.Context(), s.ID()), nil)
		s.Destroy()
	})
	if line := cookieLine(resp); strings.Contains(line, zeros) {
		t.Errorf("the response brings the token of no session: %s", line)
	}
}

// TestR14_FailedDestroyBringsNoDeadToken: a login was saved, and its session
// cannot be deleted.
func TestR14_FailedDestroyBringsNoDeadToken(t *testing.T) {
	for name, end := range map[string]func(){"error page": func() {}, "panic": func() { panic("handler") }} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{})
				b.visit(a, count)
				b.h = recovering(a.Handler(sessions.HandlerFunc(func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
					_ = s.SetSubject("ann")
					want(t, "Save", s.Save(r.Context()), nil)
					s.Destroy()
					a.store.Fault = failing("delete", faultstore.Before)
					end()
				})))
				resp := b.do(httptest.NewRequest("POST", "https://example.com/", nil))
				if line := cookieLine(resp); strings.Contains(line, zeros) {
					t.Errorf("status %d brings the token of no session: %s", resp.StatusCode, line)
				}
			})
		})
	}
}
