package test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
)

// sealing makes options for each kind of sealed cookie.
var sealing = map[string]func(keys ...sessions.Secret) sessions.Options{
	"signed":    func(keys ...sessions.Secret) sessions.Options { return sessions.Options{SigningKeys: keys} },
	"encrypted": func(keys ...sessions.Secret) sessions.Options { return sessions.Options{EncryptionKeys: keys} },
}

func TestSealedCookies(t *testing.T) {
	oldKey, newKey := secretKey("o", 32), secretKey("n", 32)
	for kind, opts := range sealing {
		t.Run(kind, func(t *testing.T) {
			a, b := fresh(t, opts(oldKey))
			want(t, "first visit", text(b.visit(a, count)), "200 1")
			first := b.token()
			want(t, "longer than the token", len(first) > 48, true)
			want(t, "second visit", text(b.visit(a, count)), "200 2")
			want(t, "the cookie stays", b.token(), first)

			rotated := a.as(opts(newKey, oldKey))
			want(t, "under the old key", text(b.visit(rotated, whoami)), `200 "" 2`)
			want(t, "a read re-issues nothing", b.token(), first)
			want(t, "a write", text(b.visit(rotated, count)), "200 3")
			second := b.token()
			want(t, "re-issues the cookie", second != first, true)
			want(t, "and another write does not", text(b.visit(rotated, count)), "200 4")
			want(t, "the cookie", b.token(), second)

			a.store.Ops()
			dropped := a.as(opts(newKey))
			want(t, "under the new key alone", text(b.visit(dropped, whoami)), `200 "" 4`)
			want(t, "store calls", a.store.Ops(), "load")
			dropped.kinds()
			b.cookies["__Host-id"] = first
			want(t, "a value of the dropped key", text(b.visit(dropped, whoami)), `200 "" 0`)
			want(t, "store calls", a.store.Ops(), "")
		})
	}
}

// TestSealedCookieOfAnOldKeyIsReplacedInTime: a visitor who only reads gets a
// cookie of the new key, too.
func TestSealedCookieOfAnOldKeyIsReplacedInTime(t *testing.T) {
	oldKey, newKey := secretKey("o", 32), secretKey("n", 32)
	for kind, opts := range sealing {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, opts(oldKey))
				b.visit(a, count)
				first := b.token()
				rotated := a.as(opts(newKey, oldKey))
				<-time.After(10 * time.Minute)
				want(t, "a read", text(b.visit(rotated, read)), "200 1")
				want(t, "re-issues the cookie", b.token() != first, true)
				want(t, "which the new key opens", text(b.visit(a.as(opts(newKey)), read)), "200 1")
				second := b.token()
				<-time.After(10 * time.Minute)
				want(t, "a later read", text(b.visit(rotated, read)), "200 1")
				want(t, "does not", b.token(), second)
			})
		})
	}
}

func TestSealedCookieIsBoundToItsName(t *testing.T) {
	key := secretKey("k", 32)
	for kind, opts := range sealing {
		t.Run(kind, func(t *testing.T) {
			a, b := fresh(t, opts(key))
			b.visit(a, count)
			value := b.token()
			renamed := opts(key)
			renamed.Cookie.Name, renamed.Namespace = "__Host-other", "__Host-id"
			other := a.as(renamed)
			b.cookies["__Host-other"] = value
			a.store.Ops()
			want(t, "under another name", text(b.visit(other, whoami)), `200 "" 0`)
			want(t, "store calls", a.store.Ops(), "")
		})
	}
}

func TestSealedAndPlainDoNotMix(t *testing.T) {
	key := secretKey("k", 32)
	plain, b := fresh(t, sessions.Options{})
	b.visit(plain, count)
	for kind, opts := range sealing {
		sealed := plain.as(opts(key))
		plain.store.Ops()
		want(t, kind+", given a plain token", b.with(sealed, whoami).get(), `200 "" 0`)
		want(t, "store calls", plain.store.Ops(), "")
		c := sealed.browser(count)
		c.get()
		want(t, "plain, given one that is "+kind, plain.see(c.token()), `200 "" 0`)
		_, err := sealed.Open(t.Context(), c.token())
		want(t, "Open takes what the cookie holds", err, nil)
	}
}
