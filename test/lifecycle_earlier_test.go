package test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
)

// row returns what the store holds under an id.
func (a *app) row(id string) store.Record {
	a.t.Helper()
	r, err := a.store.Store.Load(a.t.Context(), id)
	if err != nil {
		a.t.Errorf("record %s: %v", id, err)
	}
	return r
}

// saving makes a change and saves it; the error must match, if there is one.
func saving(t testing.TB, failure error, f func(s *sessions.Session) error) handler {
	return func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		err := f(s)
		if err == nil {
			err = s.Save(r.Context())
		}
		if !errors.Is(err, failure) {
			t.Errorf("Save: %v, want %v", err, failure)
		}
		if err != nil {
			sessions.DefaultErrorHandler(w, r, err)
		}
	}
}

// TestR73_OnlyTheCurrentTokenBuysAToken: the token before the current one
// reads and writes values, and a login with it begins another session.
func TestR73_OnlyTheCurrentTokenBuysAToken(t *testing.T) {
	as := func(subject string) handler { return signIn(subject) }
	asSaved := func(subject string) handler {
		return saving(t, sessions.ErrNotFound, func(s *sessions.Session) error { return s.SetSubject(subject) })
	}
	for name, tc := range map[string]struct {
		subject string
		page    handler
		reply   string
		after   string // what both tokens of the session show
		own     string // what the token of the response shows, if it brings one
	}{
		"a read":                          {"ann", whoami, `200 "ann" 1`, `200 "ann" 1`, ""},
		"a write":                         {"ann", count, "200 2", `200 "ann" 2`, ""},
		"a renewal":                       {"ann", renewing, "200 renewed", `200 "ann" 1`, ""},
		"a renewal of nobody's":           {"", renewing, "200 renewed", `200 "" 1`, ""},
		"a renewal that is saved":         {"ann", saving(t, nil, (*sessions.Session).Renew), "200 ", `200 "ann" 1`, ""},
		"a write and a renewal":           {"ann", both(count, renewing), "200 renewed", `200 "ann" 2`, ""},
		"a policy":                        {"ann", expiring(sessions.Remember(day, year)), "200 2", `200 "ann" 2`, ""},
		"a login as the same user":        {"ann", as("ann"), "409 Conflict", `200 "ann" 1`, ""},
		"a login as the same user, saved": {"ann", asSaved("ann"), "409 Conflict", `200 "ann" 1`, ""},
		"a logout by subject":             {"ann", as(""), "409 Conflict", `200 "ann" 1`, ""},
		"a logout by subject, saved":      {"ann", asSaved(""), "409 Conflict", `200 "ann" 1`, ""},
		"a logout by subject of nobody":   {"", as(""), "409 Conflict", `200 "" 1`, ""},
		"a logout by subject and a write": {"ann", both(count, as("")), "409 Conflict", `200 "ann" 1`, ""},
		"a login":                         {"", as("ann"), "200 hello ann", `200 "" 1`, `200 "ann" 1`},
		"a login without the values": {"ann", both(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			s.Clear()
		}, as("bob")), "200 hello bob", `200 "ann" 1`, `200 "bob" 0`},
	} {
		for state, seen := range map[string]bool{"lost": false, "in use": true} {
			t.Run(name+", with the new token "+state, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a, b := fresh(t, sessions.Options{RenewEvery: 30 * time.Minute})
					b.visit(a, both(count, signIn(tc.subject)))
					old, id := b.token(), a.id(b.token())
					if !seen {
						b.with(a, renewing).get()
						<-time.After(40 * time.Minute) // RenewEvery is due, and so is a touch
					}
					renewed := b.with(a, renewing)
					if seen {
						renewed.get()
						renewed.visit(a, read)
					}
					resp := b.visit(a, tc.page)
					want(t, "reply", text(resp), tc.reply)
					want(t, "the token before", a.see(old), tc.after)
					if seen {
						want(t, "the current token", a.see(renewed.token()), tc.after)
					}
					if tc.own == "" {
						want(t, "Set-Cookie", cookieLine(resp), "")
						want(t, "records", a.kept(), 1)
						return
					}
					want(t, "the login", a.see(b.token()), tc.own)
					want(t, "records", a.kept(), 2)
					want(t, "the session of its own is another one", a.id(b.token()) != id, true)
					want(t, "version of the record before", a.row(id).Subject, tc.subject)
				})
			})
		}
	}
	t.Run("a request that says so early", func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, both(count, signIn("ann")))
		b.with(a, renewing).get()
		b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			want(t, "Renew", s.Renew(), nil)
			want(t, "Modified", s.Modified(), false)
		})
	})
}
