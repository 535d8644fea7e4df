package main

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/store/memstore"
)

// client is an HTTP client with cookies, and a counter to use.
type client struct {
	*http.Client
	t     *testing.T
	url   string
	store *faultstore.Store
}

func start(t *testing.T, codec string) *client {
	st := &faultstore.Store{Store: new(memstore.Store)}
	manager, err := newManager(st, codec)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site(manager, codec))
	t.Cleanup(server.Close)
	jar, _ := cookiejar.New(nil)
	return &client{Client: &http.Client{Jar: jar}, t: t, url: server.URL, store: st}
}

// do sends a request and returns status and body.
func (c *client) do(method, path string, form url.Values, header ...string) (int, string) {
	c.t.Helper()
	r, err := http.NewRequest(method, c.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := c.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

// page returns the page as a browser gets it.
func (c *client) page() string {
	c.t.Helper()
	status, body := c.do("GET", "/", nil, "Accept", "text/html,*/*")
	if status != http.StatusOK {
		c.t.Fatalf("status %d: %s", status, body)
	}
	return body
}

// cookie returns the session's cookie.
func (c *client) cookie() string {
	u, _ := url.Parse(c.url)
	return c.Jar.Cookies(u)[0].Value
}

// text returns the text of an element.
func text(page, id string) string {
	m := regexp.MustCompile(`id="` + id + `"[^>]*>(.*?)</`).FindStringSubmatch(page)
	if m == nil {
		return ""
	}
	return html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(m[1], ""))
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestCurlCountsOneTwoThree(t *testing.T) {
	for _, codec := range []string{"json", "gob"} {
		c := start(t, codec)
		for _, n := range []string{"1\n", "2\n", "3\n"} {
			_, body := c.do("GET", "/", nil)
			want(t, codec, body, n)
		}
		_, body := c.do("HEAD", "/", nil)
		want(t, "HEAD", body, "")
	}
}

func TestPageShowsTheSession(t *testing.T) {
	for _, codec := range []string{"json", "gob"} {
		t.Run(codec, func(t *testing.T) {
			c := start(t, codec)
			first := c.page()
			want(t, "count", text(first, "count"), "1")
			want(t, "codec", text(first, "codec"), codec)
			want(t, "keys", strings.Contains(first, "<code>counter</code>, <code>visitor</code>"), true)
			id := text(first, "id")
			want(t, "length of the id", len(id), 26)

			c.do("POST", "/name", url.Values{"name": {" <b>Ann</b> "}})
			page := c.page()
			want(t, "greeting is escaped", strings.Contains(page, "Hello, <bdi>&lt;b&gt;Ann&lt;/b&gt;</bdi>."), true)
			want(t, "page views", text(page, "views"), "2") // the redirect was followed without an Accept of text/html
			want(t, "the id stays", text(page, "id"), id)

			token := c.cookie()
			c.do("POST", "/renew", nil)
			page = c.page()
			want(t, "another token", c.cookie() != token, true)
			want(t, "the id after the renewal", text(page, "id"), id)
			want(t, "still Ann", strings.Contains(page, "Ann"), true)

			c.do("POST", "/forget", nil)
			page = c.page()
			want(t, "forgotten", strings.Contains(page, "<bdi>stranger</bdi>"), true)
			want(t, "views of the new session", text(page, "views"), "1")
			want(t, "the id of the new session", text(page, "id") != id, true)
		})
	}
}

func TestNameHasALimit(t *testing.T) {
	c := start(t, "json")
	c.page()
	status, body := c.do("POST", "/name", url.Values{"name": {strings.Repeat("ü", maxName+1)}})
	want(t, "status", status, http.StatusUnprocessableEntity)
	want(t, "body", body, "a name has at most 40 characters\n")
	status, _ = c.do("POST", "/name", url.Values{"name": {strings.Repeat("ü", maxName)}})
	want(t, "the longest", status, http.StatusOK)
}

func TestR125_LargeFormChangesNothing(t *testing.T) {
	c := start(t, "json")
	c.page()
	status, _ := c.do("POST", "/name", url.Values{"name": {"Ann"}, "more": {strings.Repeat("a", 16<<10)}})
	want(t, "status", status, http.StatusRequestEntityTooLarge)
	status, _ = c.do("POST", "/name?%zz", url.Values{"name": {"Ann"}})
	want(t, "status of a query that is none", status, http.StatusBadRequest)
	want(t, "name", strings.Contains(c.page(), "Ann"), false)
}

func TestR125_NoSlowClientHoldsOnToTheServer(t *testing.T) {
	s := newServer(http.NotFoundHandler())
	for name, timeout := range map[string]time.Duration{
		"ReadHeaderTimeout": s.ReadHeaderTimeout, "ReadTimeout": s.ReadTimeout, "WriteTimeout": s.WriteTimeout, "IdleTimeout": s.IdleTimeout,
	} {
		if timeout <= 0 {
			t.Errorf("%s is not set", name)
		}
	}
}

func TestR67_CrossSitePostsNeverReachTheStore(t *testing.T) {
	for codec := range codecs {
		c := start(t, codec)
		c.do("POST", "/name", url.Values{"name": {"Ann"}})
		id := text(c.page(), "id")
		for _, path := range []string{"/forget", "/renew", "/name"} {
			for _, header := range [][]string{
				{"Sec-Fetch-Site", "cross-site"},
				{"Sec-Fetch-Site", "same-site"},
				{"Origin", "null"},
				{"Origin", "https://attacker.example"},
			} {
				c.store.Ops()
				status, _ := c.do("POST", path, url.Values{"name": {"x"}}, header...)
				want(t, path+" "+strings.Join(header, ": "), status, http.StatusForbidden)
				want(t, "store calls", c.store.Ops(), "")
			}
			c.store.Ops()
			status, _ := c.do("GET", path, nil)
			want(t, "GET "+path, status, http.StatusMethodNotAllowed)
			want(t, "its store calls", c.store.Ops(), "")
		}
		page := c.page()
		want(t, "the session lives", text(page, "id"), id)
		want(t, "and keeps its name", strings.Contains(page, "<bdi>Ann</bdi>"), true)
		status, _ := c.do("POST", "/forget", nil, "Sec-Fetch-Site", "same-origin")
		want(t, "a post of its own page", status, http.StatusOK)
		want(t, "is carried out", text(c.page(), "id") != id, true)
	}
}

func TestUnknownCodecIsRefused(t *testing.T) {
	if _, err := newManager(new(memstore.Store), "xml"); err == nil || !strings.Contains(err.Error(), `not "xml"`) {
		t.Errorf("-codec xml: %v", err)
	}
}

func TestUnknownStoreIsRefused(t *testing.T) {
	for _, name := range []string{"", "disk", "sqlite", "sqlite:", "memory:x"} {
		if _, err := openStore(name); err == nil || !strings.Contains(err.Error(), "-store is memory, sqlite:file.db or bbolt:file.bolt") {
			t.Errorf("-store %q: %v", name, err)
		}
	}
}
