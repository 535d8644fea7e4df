package test

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// Responses that have begun, and connections that are taken over.

// hijackable is a response writer whose connection can be taken over.
type hijackable struct{ *httptest.ResponseRecorder }

func (hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, nil }

// TestR33_RenewEveryRefusesNoHijack: the handler knows nothing of a renewal
// that is due.
func TestR33_RenewEveryRefusesNoHijack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{RenewEvery: time.Minute})
		b.visit(a, count)
		<-time.After(2 * time.Minute)
		r := httptest.NewRequest("GET", "https://example.com/", nil)
		r.AddCookie(&http.Cookie{Name: "__Host-id", Value: b.token()})
		a.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			_, _ = counter.Get(s)
			_, _, err := http.NewResponseController(w).Hijack()
			want(t, "Hijack", err, nil)
		})).ServeHTTP(hijackable{httptest.NewRecorder()}, r)
	})
}

// TestR35_NothingIsSavedAfterALoginThatCameTooLate: what belongs to the login
// does not get into the session before it.
func TestR35_NothingIsSavedAfterALoginThatCameTooLate(t *testing.T) {
	late := func(t *testing.T, s *sessions.Session) {
		want(t, "SetSubject is ErrHeadersSent", errors.Is(s.SetSubject("ann"), sessions.ErrHeadersSent), true)
		_ = s.Set("secret", "of ann")
	}
	for name, page := range map[string]func(t *testing.T, a *app, r *http.Request, s *sessions.Session){
		"with a save in doubt": func(t *testing.T, a *app, r *http.Request, s *sessions.Session) {
			a.store.Fault = failing("save", faultstore.Before)
			_ = s.Save(r.Context())
			a.store.Fault = nil
			late(t, s)
		},
		"during a save": func(t *testing.T, a *app, r *http.Request, s *sessions.Session) {
			a.during("save", func() { late(t, s) })
			_ = s.Save(r.Context())
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{})
				b.visit(a, count)
				b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
					flush(t, w)
					_ = s.Set("x", 1)
					page(t, a, r, s)
				})
				b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
					want(t, "the session before the login has the secret", s.Has("secret"), false)
				})
			})
		})
	}
}

// TestR65_ChangesAtTheVeryEndAreSavedOrReported: a goroutine that outlives the
// handler makes another change during each save.
func TestR65_ChangesAtTheVeryEndAreSavedOrReported(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	last := 100
	b.visit(a, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		flush(t, w)
		_ = counter.Set(s, last)
		a.store.Hook = func(op, _ string) {
			if op == "save" && counter.Set(s, last+1) == nil {
				last++
			}
		}
	})
	a.store.Hook = nil
	reported := strings.Contains(a.kinds(), "unsaved")
	if n := 0; !reported {
		b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { n, _ = counter.Get(s) })
		want(t, "counter", n, last)
	}
}
