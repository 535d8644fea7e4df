package test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

func TestR21_WriteUnderWayDoesNotReviveASession(t *testing.T) {
	for name, change := range map[string]handler{
		"set":    count,
		"delete": func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { s.Delete("counter") },
		"clear":  func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { s.Clear() },
		"expiry": func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { s.SetExpiry(sessions.OnSessionEnd) },
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(both(count, signIn("ann")))
			b.get()
			old := b.token()
			a.kinds()
			loaded, ended := make(chan struct{}), make(chan struct{})
			go func() {
				<-loaded
				want(t, "logout", text(b.with(a, read).visit(a, signOut)), "200 bye")
				close(ended)
			}()
			resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
				close(loaded)
				<-ended
				change(w, r, s)
			})
			want(t, "status of the write", resp.StatusCode, http.StatusOK)
			want(t, "its Set-Cookie", cookieLine(resp), "")
			want(t, "events", a.kinds(), "destroyed gone")
			want(t, "the old token", a.see(old), `200 "" 0`)
			want(t, "records", a.kept(), 0)
		})
	}
}

func TestR21_LogoutEndsWhatOthersHaveWritten(t *testing.T) {
	for name, page := range map[string]handler{
		"a write": count, "a renewal": renewing, "another login": signIn("bob"), "a logout": signOut,
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(both(count, signIn("ann")))
			b.get()
			other := b.with(a, read)
			loaded, changed := make(chan struct{}), make(chan struct{})
			go func() {
				<-loaded
				want(t, name, other.visit(a, page).StatusCode, http.StatusOK)
				close(changed)
			}()
			resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
				close(loaded)
				<-changed
				signOut(w, r, s)
			})
			want(t, "the token of the logout", a.see(b.token()), `200 "" 0`)
			if name == "another login" { // which the logout has not seen: the visitor is told
				want(t, "logout", text(resp), "409 Conflict")
				want(t, "the token of the other", a.see(other.token()), `200 "bob" 1`)
				return
			}
			want(t, "logout", text(resp), "200 bye")
			want(t, "the token of the other", a.see(other.token()), `200 "" 0`)
		})
	}
}

func TestR60_EmptiedSessionStays(t *testing.T) {
	for name, page := range map[string]handler{
		"delete": func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { s.Delete("counter") },
		"take": func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			_, _, _ = counter.Take(s)
		},
		"claim": func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			_, _, _ = counter.Claim(r.Context(), s)
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(count)
			b.get()
			id := a.id(b.token())
			a.kinds()
			resp := b.visit(a, page)
			want(t, "status", resp.StatusCode, http.StatusOK)
			want(t, "Set-Cookie", cookieLine(resp), "")
			want(t, "records", a.kept(), 1)
			want(t, "events", a.kinds(), "")
			want(t, "what is left", a.see(b.token()), `200 "" 0`)
			want(t, "the id", a.id(b.token()), id)
			want(t, "a write later", text(b.visit(a, count)), "200 1")
			want(t, "the id then", a.id(b.token()), id)
		})
	}
}

func TestR60_ClearAndSubjectKeepTheSession(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	id := a.id(b.token())
	resp := b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { s.Clear() })
	want(t, "Set-Cookie after Clear", cookieLine(resp), "")
	want(t, "id after Clear", a.id(b.token()), id)
	want(t, "counter after Clear", b.with(a, read).get(), "200 0")

	c := a.browser(both(count, signIn("ann")))
	c.get()
	id = a.id(c.token())
	resp = c.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { s.Delete("counter") })
	want(t, "Set-Cookie after the last value of somebody's", cookieLine(resp), "")
	want(t, "id after the last value of somebody's", a.id(c.token()), id)
	want(t, "what is left", a.see(c.token()), `200 "ann" 0`)
}

func TestR60_SetExpiryKeepsAClearedSession(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { s.Clear() })
	id := a.id(b.token())
	b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		s.SetExpiry(sessions.Remember(time.Minute, year))
	})
	want(t, "id", a.id(b.token()), id)
}

func TestR60_SessionThatLosesItsSubjectAndHasNoValuesStays(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, signIn("ann"))
	id := a.id(b.token())
	b.visit(a, signIn(""))
	want(t, "the id", a.id(b.token()), id)
	want(t, "records", a.store.Store.(*memstore.Store).Len(), 1)
}
