package login_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gosessions/sessions/login"
)

// hostile are pages of other sites, or no pages.
var hostile = []string{
	"", "a", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example",
	"\t//evil.example", " //evil.example", "https:evil.example", "https://evil.example", "https:/evil.example", "HTTPS://evil.example",
	"javascript:alert(1)", "data:text/html,x", "/a\r\nLocation: https://evil.example", "/a b", "/\x00", "/\x7f", "/%", "/%2f/evil.example",
	"//example.com", "@evil.example", "?a", "#a", "/" + strings.Repeat("a", 2048),
}

func TestNextIsAPageOfThisSite(t *testing.T) {
	a := newApp(t, login.Options{})
	next := func(r *http.Request) string { return a.Next(r, "/home") }
	for _, s := range hostile {
		want(t, "Next of "+s, next(form("/login", url.Values{"next": {s}})), "/home")
	}
	for _, s := range []string{"/", "/a", "/a/b?c=d&e=//f#g", "/a//b", "/?x=https://evil.example", "/ü", "/a/../b", "/:80", "/@evil.example"} {
		want(t, "Next of "+s, next(form("/login", url.Values{"next": {s}})), s)
		want(t, "Next of the query "+s, next(httptest.NewRequest("GET", "/login?next="+url.QueryEscape(s), nil)), s)
	}
	want(t, "none", next(form("/login", nil)), "/home")
}

// FuzzNext: whatever is let through stays on the site when a browser resolves
// it, which takes \ for / and leaves out tabs and line ends.
func FuzzNext(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	a := newApp(f, login.Options{})
	f.Fuzz(func(t *testing.T, s string) {
		next := a.Next(form("/login", url.Values{"next": {s}}), "")
		if next == "" {
			return
		}
		if next != s {
			t.Fatalf("%q became %q", s, next)
		}
		lax := strings.NewReplacer(`\`, "/", "\t", "", "\n", "", "\r", "").Replace(strings.Trim(next, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r "))
		base := &url.URL{Scheme: "https", Host: "example.com", Path: "/login"}
		u, err := base.Parse(lax)
		if err != nil || u.Host != "example.com" || u.Scheme != "https" || strings.HasPrefix(lax, "//") {
			t.Fatalf("%q leads to %v, %v", next, u, err)
		}
		w := httptest.NewRecorder()
		http.Redirect(w, httptest.NewRequest("GET", "https://example.com/login", nil), next, http.StatusSeeOther)
		if l := w.Header().Get("Location"); !strings.HasPrefix(l, "/") || strings.HasPrefix(l, "//") {
			t.Fatalf("%q is redirected to %q", next, l)
		}
	})
}
