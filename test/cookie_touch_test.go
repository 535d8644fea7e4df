package test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
)

// TestR14_TouchOfARenewedSessionSendsNoCookie: a page that only reads
// refreshes the cookie of a remembered session, but not by a token that another
// request has replaced meanwhile.
func TestR14_TouchOfARenewedSessionSendsNoCookie(t *testing.T) {
	for name, page := range map[string]handler{"renewal": renewing, "login": signIn("bob")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{})
				b.visit(a, both(expiring(sessions.Remember(30*24*time.Hour, year)), signIn("ann")))
				<-time.After(4 * 24 * time.Hour)
				other := b.with(a, read)
				resp := b.visit(a, meanwhile(func() { other.visit(a, page) }, read))
				want(t, "Set-Cookie of the late reader", cookieLine(resp), "")
			})
		})
	}
}

// signedBy returns an app over the store of a, with other keys.
func signedBy(a *app, keys ...string) *app {
	var secrets []sessions.Secret
	for _, k := range keys {
		secrets = append(secrets, secretKey(k, 32))
	}
	return a.as(sessions.Options{SigningKeys: secrets})
}

func TestR14_TouchWithANewKeySendsNoOldToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{SigningKeys: []sessions.Secret{secretKey("1", 32)}})
		b.visit(a, both(count, signIn("ann")))
		a2 := signedBy(a, "2", "1")
		<-time.After(10 * time.Minute)
		other := b.with(a2, read)
		resp := b.visit(a2, meanwhile(func() { other.visit(a2, renewing) }, read))
		want(t, "Set-Cookie of the late reader", cookieLine(resp), "")
	})
}

func TestNewKeyReachesSessionsWithoutIdleTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{SigningKeys: []sessions.Secret{secretKey("1", 32)}})
		b.visit(a, expiring(sessions.AtTime(time.Now().Add(30*24*time.Hour))))
		a2 := signedBy(a, "2", "1")
		b.visit(a2, read)
		want(t, "accepted by the new key alone", b.visit(signedBy(a, "2"), read).StatusCode, http.StatusOK)
		want(t, "value", b.with(signedBy(a, "2"), read).get(), "200 1")
		want(t, "store calls of another read", func() string { a2.store.Ops(); b.visit(a2, read); return a2.store.Ops() }(), "load")
	})
}

func TestR25_TouchUndoesNoShorterExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, count)
		<-time.After(10 * time.Minute)
		other := b.with(a, read)
		b.visit(a, meanwhile(func() {
			other.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
				s.SetExpiry(sessions.Remember(time.Minute, year))
			})
		}, read))
		<-time.After(2 * time.Minute)
		want(t, "after two minutes of silence", a.see(b.token()), `200 "" 0`)
	})
}
