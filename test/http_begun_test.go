package test

import (
	"bufio"
	"errors"
	"fmt"
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

// written is a writer that tells whether the response has begun, as gin's does.
type written struct {
	http.ResponseWriter
	begun bool
}

func (w *written) Written() bool { return w.begun }

func (w *written) Write(p []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(p)
}

// saved is a handler that saves after another.
func saved(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		h(w, r, s)
		_ = s.Save(r.Context())
	}
}

// TestR92_ResponsePastTheWriterIsToldOf: a framework that keeps writing to the
// writer around the middleware loses the cookie, and the event says what to do.
func TestR92_ResponsePastTheWriterIsToldOf(t *testing.T) {
	for name, wrap := range map[string]func(http.ResponseWriter) http.ResponseWriter{
		"net/http":      func(w http.ResponseWriter) http.ResponseWriter { return w },
		"a framework's": func(w http.ResponseWriter) http.ResponseWriter { return &written{ResponseWriter: w} },
	} {
		for _, http2 := range []bool{false, true} {
			for page, tc := range map[string]struct {
				first, then handler
				events      string
				writes      bool
			}{
				"new session":           {nil, count, "unsaved", true},
				"new session, saved":    {nil, saved(count), "created unsaved", true},
				"login":                 {count, signIn("ann"), "unsaved", true},
				"login, saved":          {count, saved(signIn("ann")), "renewed unsaved", true},
				"renewal, saved":        {count, saved(renewing), "renewed unsaved", true},
				"write":                 {count, count, "", true},
				"read":                  {count, read, "", true},
				"new, but nothing sent": {nil, count, "created", false},
			} {
				t.Run(name+", "+page, func(t *testing.T) {
					a, b := fresh(t, sessions.Options{})
					if tc.first != nil {
						b.visit(a, tc.first)
					}
					a.kinds()
					var above http.ResponseWriter
					inner := a.Handler(sessions.HandlerFunc(func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
						if tc.writes {
							tc.then(above, r, s)
						} else {
							_ = counter.Set(s, 1)
						}
					}))
					server, client := serveTLS(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						above = wrap(w)
						inner.ServeHTTP(above, r)
					}), http2)
					r, _ := http.NewRequest("GET", server.URL, nil)
					if tc.first != nil {
						r.AddCookie(&http.Cookie{Name: "__Host-id", Value: b.token()})
					}
					resp, err := client.Do(r)
					if err != nil {
						t.Fatal(err)
					}
					_ = resp.Body.Close()
					server.Close()
					if last := len(a.events) - 1; last >= 0 && tc.writes && !strings.Contains(fmt.Sprint(a.events[last].Err), "let the framework write to that one") {
						t.Errorf("the event says %v", a.events[last].Err)
					}
					want(t, "events", a.kinds(), tc.events)
				})
			}
		}
	}
}
