package main

import (
	"context"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
)

const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	safari  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"

	annsPassword = "correct horse battery"
	bobsPassword = "staple battery horse"
	newPassword  = "another four words here"
)

// quick is a config for tests: in memory, with passwords that are hashed
// badly, for speed.
func quick() config {
	return config{
		db: "memory", params: &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32},
		limits: limits{address: 1000, name: 1000, browser: 1000}, recent: 10 * time.Minute, log: slog.New(slog.DiscardHandler),
	}
}

func newTestSite(t testing.TB, c config) *site {
	t.Helper()
	s, err := newSite(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { want(t, "close", s.close(), nil) })
	return s
}

// start serves a site and returns its address.
func start(t testing.TB, c config) string {
	t.Helper()
	server := httptest.NewServer(newTestSite(t, c).handler())
	t.Cleanup(server.Close)
	return server.URL
}

// browser is a visitor who keeps cookies, and follows no redirects by itself.
type browser struct {
	t      testing.TB
	url    string
	agent  string
	client *http.Client
}

func newBrowser(t testing.TB, url string) *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{t, url, firefox, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// inProcess serves requests without a network, so that they can come from any
// address.
type inProcess struct {
	http.Handler
	address string
}

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	r.RemoteAddr, r.RequestURI = p.address, r.URL.RequestURI()
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w.Result(), nil
}

// browserFrom returns a browser at an address.
func browserFrom(t testing.TB, h http.Handler, address string) *browser {
	b := newBrowser(t, "http://login.example")
	b.client.Transport = inProcess{h, address}
	return b
}

// copy returns a browser with the same cookies.
func (b *browser) copy() *browser {
	c := newBrowser(b.t, b.url)
	u, _ := url.Parse(b.url)
	c.client.Jar.SetCookies(u, b.client.Jar.Cookies(u))
	return c
}

// reply is what a visitor is answered.
type reply struct {
	status int
	header http.Header
	body   string
}

// to returns the status, and where a redirect leads.
func (r reply) to() string {
	return strings.TrimSpace(http.StatusText(r.status) + " " + r.header.Get("Location"))
}

// text returns the text of an element.
func (r reply) text(id string) string {
	m := regexp.MustCompile(`id="` + id + `"[^>]*>(.*?)</`).FindStringSubmatch(r.body)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

// ids returns the sessions that a page of devices has buttons for.
func (r reply) ids() (ids []string) {
	for _, m := range regexp.MustCompile(`name="id" value="(.*?)"`).FindAllStringSubmatch(r.body, -1) {
		ids = append(ids, m[1])
	}
	return ids
}

func (b *browser) do(method, path string, fields url.Values, header ...string) reply {
	b.t.Helper()
	r, err := http.NewRequest(method, b.url+path, strings.NewReader(fields.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("User-Agent", b.agent)
	r.Header.Set("Accept", "text/html")
	if fields != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(body)}
}

func (b *browser) get(path string) reply { b.t.Helper(); return b.do("GET", path, nil) }

// post sends a form, whose fields are given as "name", "value", …
func (b *browser) post(path string, fields ...string) reply {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.do("POST", path, form)
}

func (b *browser) signUp(name, password string) *browser {
	b.t.Helper()
	want(b.t, "sign up as "+name, b.post("/signup", "name", name, "password", password).to(), "See Other /account")
	return b
}

func (b *browser) signIn(name, password string) *browser {
	b.t.Helper()
	want(b.t, "sign in as "+name, b.post("/login", "name", name, "password", password).to(), "See Other /account")
	return b
}

// who returns who the visitor is to the site, "" if nobody.
func (b *browser) who() string { b.t.Helper(); return b.get("/").text("who") }

// cookie returns the session cookie.
func (b *browser) cookie() string {
	u, _ := url.Parse(b.url)
	for _, c := range b.client.Jar.Cookies(u) {
		if c.Name == "id" {
			return c.Value
		}
	}
	return ""
}

func want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
