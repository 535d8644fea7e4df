package login_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

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

// TestR115_PageThatWasAskedForKeepsItsPrefix: a visitor comes back to the URL
// that the browser asked for, however often handlers or a proxy have cut it.
func TestR115_PageThatWasAskedForKeepsItsPrefix(t *testing.T) {
	for name, test := range map[string]struct {
		opts     login.Options
		target   string // as it arrives here
		location string
	}{
		"StripPrefix": {login.Options{LoginURL: "/login", NextParam: "back"}, "/app/a?b=c", "/login?back=%2Fapp%2Fa%3Fb%3Dc"},
		"StripPrefix and a whole URL as the target": {
			login.Options{LoginURL: "/login"}, "https://example.com/app/a?b=c", "/login?next=%2Fapp%2Fa%3Fb%3Dc"},
		"a proxy that strips": {
			login.Options{LoginURL: "/login?lang=en", StrippedPrefix: "/site"}, "/app/a", "/site/login?lang=en&next=%2Fsite%2Fapp%2Fa"},
		"a proxy that strips, and a whole URL": {
			login.Options{LoginURL: "/login", StrippedPrefix: "/site"}, "http://inside:8080/app/a", "/site/login?next=%2Fsite%2Fapp%2Fa"},
		"a proxy that strips, and a page on another host": {
			login.Options{LoginURL: "https://sso.example.com/in", StrippedPrefix: "/site"}, "/app/a", "https://sso.example.com/in?next=%2Fsite%2Fapp%2Fa"},
	} {
		a := newApp(t, test.opts)
		h := http.StripPrefix("/app", a.RequireLogin(http.HandlerFunc(page)))
		got := a.browser().reply(h, get(test.target))
		want(t, name, got, reply{http.StatusSeeOther, test.location})
		to, err := url.Parse(got.Location)
		wantErr(t, name, err, nil)
		next := to.Query().Get("next")
		if next != "" {
			want(t, name+": Next", a.Next(form("/login", url.Values{"next": {next}}), "/home"), next)
		}
	}
}

// TestR115_PathThatMeansAHostIsNotFollowed also with a prefix in front of it.
func TestR115_PathThatMeansAHostIsNotFollowed(t *testing.T) {
	for prefix, location := range map[string]string{"": "/login", "/site": "/site/login?next=%2Fsite%2F%2Fevil.example%2Fa"} {
		a := newApp(t, login.Options{LoginURL: "/login", StrippedPrefix: prefix})
		for _, target := range []string{"https://example.com//evil.example/a"} {
			r := get(target)
			want(t, prefix+" "+target, a.browser().reply(a.RequireLogin(http.HandlerFunc(page)), r), reply{http.StatusSeeOther, location})
		}
	}
}

// TestR115_PartOfTheSiteHasItsOwnPages: administrators sign in and confirm on
// pages of their own, and other visitors as before.
func TestR115_PartOfTheSiteHasItsOwnPages(t *testing.T) {
	a := newApp(t, login.Options{LoginURL: "/login", ConfirmURL: "/confirm", StrippedPrefix: "/site"})
	pages, err := a.Pages(login.Pages{LoginURL: "/admin/login", NextParam: "back"})
	wantErr(t, "Pages", err, nil)
	half, err := a.Pages(login.Pages{ConfirmURL: "/half/confirm"})
	wantErr(t, "Pages", err, nil)
	protected, sudo := a.RequireLogin(http.HandlerFunc(page)), a.RequireRecent(time.Minute)(http.HandlerFunc(page))
	mux := http.NewServeMux()
	mux.Handle("/a", protected)
	mux.Handle("/sudo", sudo)
	mux.Handle("/admin/", pages(protected))
	mux.Handle("/admin/sudo", pages(sudo))
	mux.Handle("/admin/half/sudo", pages(half(sudo)))
	mux.Handle("/half/a", half(protected))
	mux.Handle("/half/sudo", half(sudo))
	mux.Handle("/admin/login", pages(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, a.Next(r, "/admin/"), http.StatusSeeOther)
	})))
	mux.Handle("/after", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pages(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
		protected.ServeHTTP(w, r)
	}))
	ann := a.browser()
	annSignedIn(ann)
	ann.setState("proved", time.Now().Add(-time.Hour))
	for target, location := range map[string]string{
		"/a":                       "/site/login?next=%2Fsite%2Fa",
		"/admin/users":             "/site/admin/login?back=%2Fsite%2Fadmin%2Fusers",
		"/half/a":                  "/site/login?next=%2Fsite%2Fhalf%2Fa",
		"/after":                   "/site/login?next=%2Fsite%2Fafter",
		"/admin/login?back=/site/": "/site/",
		"/admin/login?next=/site/": "/admin/",
	} {
		want(t, target, a.browser().reply(mux, get(target)), reply{http.StatusSeeOther, location})
	}
	for target, location := range map[string]string{
		"/sudo":            "/site/confirm?next=%2Fsite%2Fsudo",
		"/admin/sudo":      "/site/admin/login?back=%2Fsite%2Fadmin%2Fsudo",
		"/half/sudo":       "/site/half/confirm?next=%2Fsite%2Fhalf%2Fsudo",
		"/admin/half/sudo": "/site/half/confirm?next=%2Fsite%2Fadmin%2Fhalf%2Fsudo",
	} {
		want(t, target, ann.reply(mux, get(target)), reply{http.StatusSeeOther, location})
	}
	_, err = a.Pages(login.Pages{LoginURL: "admin", ConfirmURL: "/confirm?next=1"})
	for _, part := range []string{`login: LoginURL "admin" is neither a path`, `ConfirmURL "/confirm?next=1" has the parameter "next"`} {
		want(t, "Pages that cannot work: "+part, err != nil && strings.Contains(err.Error(), part), true)
	}
	want(t, "Pages outside of the handler", func() int {
		w := httptest.NewRecorder()
		pages(http.HandlerFunc(page)).ServeHTTP(w, get("/"))
		return w.Code
	}(), http.StatusNoContent)
}

// TestR115_VisitorBehindAProxyComesBack to the page, through a proxy that
// removes a prefix, and by the redirects alone.
func TestR115_VisitorBehindAProxyComesBack(t *testing.T) {
	a := newApp(t, login.Options{LoginURL: "/login", StrippedPrefix: "/site"})
	mux := http.NewServeMux()
	mux.Handle("GET /account", a.HandlerFunc(func(w http.ResponseWriter, r *http.Request, u user) {
		_, _ = io.WriteString(w, u.Name+" at "+r.URL.RequestURI())
	}))
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) { // a form that sends itself
		if err := a.Login(r.Context(), a.ann(), login.Details{}); err != nil {
			a.Error(w, r, err)
			return
		}
		http.Redirect(w, r, a.Next(r, "/site/"), http.StatusSeeOther)
	})
	application := httptest.NewServer(a.Handler(mux))
	defer application.Close()
	inside, err := url.Parse(application.URL)
	wantErr(t, "Parse", err, nil)
	proxy := httptest.NewTLSServer(http.StripPrefix("/site", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(inside) }}))
	defer proxy.Close()
	client := proxy.Client()
	client.Jar, err = cookiejar.New(nil)
	wantErr(t, "cookiejar.New", err, nil)
	resp, err := client.Get(proxy.URL + "/site/account?tab=2")
	wantErr(t, "Get", err, nil)
	defer resp.Body.Close()
	want(t, "the page", text(resp), "200 ann at /account?tab=2")
	want(t, "its URL", resp.Request.URL.RequestURI(), "/site/account?tab=2")
}
