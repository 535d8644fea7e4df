package test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gosessions/sessions"
)

// TestR59_NothingAnonymousCreatesRecords sends all sorts of requests by
// visitors that set nothing.
func TestR59_NothingAnonymousCreatesRecords(t *testing.T) {
	const requests = 10_000
	elsewhere := newApp(t, sessions.Options{}).browser(count)
	elsewhere.get()
	unknown := elsewhere.token()
	a := newApp(t, sessions.Options{})
	pages := []http.Handler{
		sessions.HandlerFunc(read),
		sessions.HandlerFunc(whoami),
		sessions.HandlerFunc(signOut),
		sessions.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { s.Clear() }),
		sessions.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { s.Delete("counter") }),
		sessions.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { s.SetSubject("") }),
		sessions.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			s.SetExpiry(sessions.OnSessionEnd)
		}),
		sessions.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			_ = counter.Set(s, 1)
			s.Delete("counter")
		}),
		sessions.HandlerFunc(func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			_, _, _ = counter.Take(s)
			_, _, _ = counter.Claim(r.Context(), s)
			_ = s.Save(r.Context())
			_ = s.Reload(r.Context())
		}),
		http.NotFoundHandler(),
	}
	cookies := []string{
		"", "__Host-id=" + unknown, "__Host-id=", "__Host-id=x", "__Host-id=" + strings.Repeat("A", 48),
		"__Host-id=" + unknown + "; __Host-id=" + strings.Repeat("B", 48), "other=1",
	}
	for i := range requests {
		r := httptest.NewRequest([]string{"GET", "HEAD", "POST"}[i%3], "/", nil)
		r.Header.Set("Cookie", cookies[i%len(cookies)])
		w := httptest.NewRecorder()
		a.Handler(pages[i%len(pages)]).ServeHTTP(w, r)
		line := w.Header().Get("Set-Cookie")
		logout := i%len(pages) == 2 && strings.Contains(line, "__Host-id=;") // of a token that opens nothing
		if w.Code >= 500 || line != "" && !logout {
			t.Fatalf("request %d: status %d, Set-Cookie %q", i, w.Code, w.Header().Get("Set-Cookie"))
		}
	}
	want(t, "records", a.kept(), 0)
	want(t, "store calls other than load", strings.Trim(strings.ReplaceAll(a.store.Ops(), "load", ""), " "), "")
}

// TestR59_RenewingNobodyCreatesNothing: there is no session that could get a
// new token.
func TestR59_RenewingNobodyCreatesNothing(t *testing.T) {
	a := newApp(t, sessions.Options{})
	resp := a.browser(count).visit(a, renewing)
	want(t, "reply", text(resp), "200 renewed")
	want(t, "Set-Cookie", cookieLine(resp), "")
	want(t, "store calls", fmt.Sprint(a.store.Ops()), "")
}
