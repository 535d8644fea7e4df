package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

// pages count in a session, sign in and say who is signed in.
func pages(t *testing.T, st *memstore.Store, opts sessions.Options) http.Handler {
	t.Helper()
	m, err := sessions.New(st, opts)
	if err != nil {
		t.Fatal(err)
	}
	const counter = sessions.Key[int]("counter")
	mux := http.NewServeMux()
	page := func(path string, f func(s *sessions.Session) (any, error)) {
		mux.HandleFunc(path, sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			v, err := f(s)
			if err != nil {
				t.Error(err)
			}
			_, _ = fmt.Fprint(w, v)
		}))
	}
	page("/count", func(s *sessions.Session) (any, error) { return counter.Update(s, func(n int) int { return n + 1 }) })
	page("/in", func(s *sessions.Session) (any, error) { return "in", s.SetSubject("ann") })
	page("/who", func(s *sessions.Session) (any, error) { return "user " + s.Subject(), nil })
	return m.Handler(mux)
}

// opened opens a page and returns its text.
func opened(t *testing.T, ctx context.Context, url string) string {
	t.Helper()
	do(t, ctx, chromedp.Navigate(url))
	return text(t, ctx, "body")
}

// TestR93_BrowserSurvivesANewScopeOfTheCookie: a site whose cookie becomes
// Partitioned keeps its visitors, and leaves them one cookie.
func TestR93_BrowserSurvivesANewScopeOfTheCookie(t *testing.T) {
	st := new(memstore.Store)
	before := sessions.CookieOptions{SameSite: http.SameSiteNoneMode}
	after := before
	after.Partitioned = true
	after.Former = []sessions.CookieScope{{}}
	site := pages(t, st, sessions.Options{Cookie: before})
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { site.ServeHTTP(w, r) }))
	defer server.Close()
	url := named("shop.example", server.URL)
	ctx := chromium(t, hosts)
	want(t, "a visit", opened(t, ctx, url+"/count"), "1")
	site = pages(t, st, sessions.Options{Cookie: after})
	want(t, "after the change", opened(t, ctx, url+"/count"), "2")
	want(t, "a login", opened(t, ctx, url+"/in"), "in")
	want(t, "afterwards", opened(t, ctx, url+"/who"), "user ann")
	want(t, "the values", opened(t, ctx, url+"/count"), "3")
	var names []string
	kept, err := chromedp.CallBrowser(ctx, storage.GetCookies, storage.GetCookiesParams{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range kept.Cookies {
		names = append(names, fmt.Sprint(c.Name, " ", c.PartitionKey != nil))
	}
	slices.Sort(names)
	want(t, "cookies, partitioned", fmt.Sprint(names), "[__Host-id true]")
}

// TestR96_ReturnFromAPaymentPageKeepsTheLogin: the page of the other site posts
// a form, with which Chromium sends no cookie.
func TestR96_ReturnFromAPaymentPageKeepsTheLogin(t *testing.T) {
	server := httptest.NewTLSServer(pages(t, new(memstore.Store), sessions.Options{}))
	defer server.Close()
	shop := named("shop.example", server.URL)
	payment := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, `<form method="post" action="%s/count"><button id="back">Back to the shop</button></form>`, shop)
	}))
	defer payment.Close()
	ctx := chromium(t, hosts)
	want(t, "a login", opened(t, ctx, shop+"/in"), "in")
	do(t, ctx, chromedp.Navigate(named("payment.example", payment.URL)))
	press(t, ctx, "#back")
	want(t, "the return, without a cookie", text(t, ctx, "body"), "1")
	want(t, "afterwards", opened(t, ctx, shop+"/who"), "user ann")
}

// TestR93_JavaClientSendsItsCookieInQuotes: java.net.http puts the value of a
// persistent cookie in quotes (RFC 2965).
func TestR93_JavaClientSendsItsCookieInQuotes(t *testing.T) {
	java, err := exec.LookPath("java")
	switch {
	case err != nil && os.Getenv("CI") == "true":
		t.Fatal("no java on PATH")
	case err != nil:
		t.Skip("SKIPPED: no java on PATH")
	}
	var quoted bool
	site := pages(t, new(memstore.Store), sessions.Options{Persistent: true, Cookie: sessions.CookieOptions{InsecureHTTP: true}})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		quoted = quoted || strings.Contains(r.Header.Get("Cookie"), `="`)
		site.ServeHTTP(w, r)
	}))
	defer server.Close()
	out, err := exec.CommandContext(t.Context(), java, "testdata/Counter.java", server.URL+"/count").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want(t, "counts", strings.Join(strings.Fields(string(out)), " "), "1 2 3")
	want(t, "the cookie came in quotes", quoted, true)
}
