package main

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"

	"github.com/gosessions/sessions"
)

// browser has cookies and follows no redirect by itself.
type browser struct {
	w *world
	http.Client
}

func (w *world) browser() *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{w, http.Client{Jar: jar, CheckRedirect: newClient(0).CheckRedirect}}
}

// answer is what a browser gets.
type answer struct {
	status int
	to     string // redirect
	body   string
}

// element returns the text of an element.
func (a answer) element(id string) string {
	m := regexp.MustCompile(`id="` + id + `"[^>]*>(.*?)</`).FindStringSubmatch(a.body)
	if m == nil {
		return ""
	}
	return html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(m[1], ""))
}

func (b *browser) do(method, address string, form url.Values, header ...string) answer {
	b.w.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.w.url + address
	}
	r, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.w.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := b.Do(r)
	if err != nil {
		b.w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(resp.Body)
	if strings.HasPrefix(address, b.w.url) {
		_, _ = b.w.Write(body)
	}
	return answer{resp.StatusCode, resp.Header.Get("Location"), string(body)}
}

func (b *browser) get(address string) answer { b.w.t.Helper(); return b.do("GET", address, nil) }

// leave goes to the provider, and returns the address that the site has sent
// the browser to.
func (b *browser) leave(next string) string {
	b.w.t.Helper()
	a := b.do("POST", "/login", url.Values{"next": {next}})
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "http://localhost:") {
		b.w.t.Fatalf("POST /login: %d to %q: %s", a.status, a.to, a.body)
	}
	return a.to
}

// choose says at the provider who the visitor is, and returns the callback
// that it sends the browser to. Ann is 1, Bob is 2, and "" does not tell.
func (b *browser) choose(address, user string) string {
	b.w.t.Helper()
	a := b.do("POST", address, url.Values{"user": {user}})
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, b.w.url+callbackPath+"?") {
		b.w.t.Fatalf("at the provider: %d to %q: %s", a.status, a.to, a.body)
	}
	return a.to
}

func (b *browser) signIn(user string) answer {
	b.w.t.Helper()
	return b.get(b.choose(b.leave(""), user))
}

// who returns whom the site takes the visitor for.
func (b *browser) who() string { b.w.t.Helper(); return b.get("/").element("who") }

// token is the session cookie.
func (b *browser) token() string {
	address, _ := url.Parse(b.w.url)
	for _, c := range b.Jar.Cookies(address) {
		if c.Name == "id" {
			return c.Value
		}
	}
	return ""
}

// session changes the browser's session behind the site's back.
func (b *browser) session(f func(*sessions.Session)) {
	b.w.t.Helper()
	s, err := b.w.sessions.Open(b.w.t.Context(), b.token())
	if err != nil {
		b.w.t.Fatal(err)
	}
	f(s)
	if err := s.Save(b.w.t.Context()); err != nil {
		b.w.t.Fatal(err)
	}
}

// plant gives the browser a session cookie.
func (b *browser) plant(token string) {
	address, _ := url.Parse(b.w.url)
	b.Jar.SetCookies(address, []*http.Cookie{{Name: "id", Value: token, Path: "/"}})
}
