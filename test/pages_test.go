package test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/store/memstore"
)

// Pages that the tests of life cycle, time and faults share.

// hello is a page that leaves the session alone.
func hello(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "hello") }

// signIn is a login page.
func signIn(name string) handler {
	return func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		if err := s.SetSubject(name); err != nil {
			sessions.DefaultErrorHandler(w, r, err)
			return
		}
		_, _ = fmt.Fprint(w, "hello ", name)
	}
}

func signOut(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
	s.Destroy()
	_, _ = fmt.Fprint(w, "bye")
}

func renewing(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
	if err := s.Renew(); err != nil {
		sessions.DefaultErrorHandler(w, r, err)
		return
	}
	_, _ = fmt.Fprint(w, "renewed")
}

// whoami shows "subject counter".
func whoami(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
	n, err := counter.Get(s)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = fmt.Fprintf(w, "%q %d", s.Subject(), n)
}

// expiring is a page that counts and sets a policy.
func expiring(e sessions.Expiry) handler {
	return func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		s.SetExpiry(e)
		count(w, r, s)
	}
}

// both does what two pages do, and shows the second.
func both(first, second handler) handler {
	return func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		first(httptest.NewRecorder(), r, s)
		second(w, r, s)
	}
}

// visit goes to another page with the same cookie jar and returns the reply.
func (b *browser) visit(a *app, page handler) *http.Response {
	b.h = a.serve(page)
	return b.do(httptest.NewRequest("POST", "https://example.com/app", nil))
}

// see returns what a visitor with a token is shown by whoami.
func (a *app) see(token string) string {
	b := a.browser(whoami)
	if token != "" {
		b.cookies["__Host-id"] = token
	}
	return b.get()
}

// id returns the id of a live token's session, else "".
func (a *app) id(token string) string {
	s, err := a.Open(context.Background(), token)
	if err != nil {
		return ""
	}
	return s.ID()
}

// kept returns how many records the memory store keeps.
func (a *app) kept() int { return a.store.Store.(*memstore.Store).Len() }

// failing returns a Fault that fails one operation by name, each time.
func failing(name string, how faultstore.Fault) func(int, string) faultstore.Fault {
	return func(_ int, op string) faultstore.Fault {
		if op == name {
			return how
		}
		return faultstore.None
	}
}

// cookieLine returns the response's Set-Cookie, "" if there is none.
func cookieLine(resp *http.Response) string { return resp.Header.Get("Set-Cookie") }

// wantDown checks an answer that says that the store failed, and that leaves
// the browser's cookie alone.
func wantDown(t testing.TB, what string, resp *http.Response) {
	t.Helper()
	want(t, what, text(resp), "503 Service Unavailable")
	want(t, what+": Retry-After", resp.Header.Get("Retry-After"), "5")
	want(t, what+": Set-Cookie", cookieLine(resp), "")
}
