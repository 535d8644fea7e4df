package test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// What the manager does on its own: renewals by RenewEvery, the grace of the
// token before, and touches.

// TestR72_RenewEveryRenewsAlsoIfATouchIsDue: each request comes so late that
// the expiry has to move.
func TestR72_RenewEveryRenewsAlsoIfATouchIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{RenewEvery: 5 * time.Minute})
		b.visit(a, count)
		first := b.token()
		for range 20 {
			<-time.After(10 * time.Minute)
			want(t, "reply", text(b.visit(a, read)), "200 1")
		}
		want(t, "the token is new", b.token() != first, true)
	})
}

// TestR79_RenewalByRenewEveryInDoubt: the renewal arrived, and its answer was
// lost. The login that follows belongs to the same session.
func TestR79_RenewalByRenewEveryInDoubt(t *testing.T) {
	for _, subject := range []string{"", "ann"} {
		t.Run("session of "+subject, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{RenewEvery: time.Minute})
				b.visit(a, count)
				if subject != "" {
					b.visit(a, signIn(subject))
				}
				b.with(a, read).get() // so the token is in use
				id := a.id(b.token())
				<-time.After(4 * time.Minute)
				resp := b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
					_ = s.Set("x", 1) // so Save has something to look at
					s.Delete("x")
					a.store.Fault = lostThenDown("save", faultstore.After)
					want(t, "Save", s.Save(r.Context()), nil)
					a.store.Fault = nil
					want(t, "SetSubject", s.SetSubject("ann"), nil)
				})
				want(t, "status", resp.StatusCode, http.StatusOK)
				want(t, "records", a.kept(), 1)
				want(t, "id", a.id(b.token()), id)
				want(t, "the session", a.see(b.token()), `200 "ann" 1`)
			})
		})
	}
}

// TestR87_PassiveRequestEndsTheGrace: it is no use of the session, but a use
// of the new token.
func TestR87_PassiveRequestEndsTheGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, count)
		before := b.with(a, read)
		b.visit(a, renewing)
		for range 10 {
			<-time.After(time.Minute)
			b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { s.Passive() })
		}
		want(t, "the token before, after ten minutes", before.get(), "200 0")
	})
}
