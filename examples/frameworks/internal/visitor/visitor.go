// Package visitor visits the programs in their tests.
package visitor

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Visitor is a browser with cookies of its own. It follows no redirects.
type Visitor struct {
	*http.Client
	t   *testing.T
	url string
}

// Serve serves a site until the test ends, and returns its address.
func Serve(t *testing.T, h http.Handler, err error) (url string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// New returns a visitor of the site with an address.
func New(t *testing.T, url string) *Visitor {
	jar, _ := cookiejar.New(nil) // never fails
	return &Visitor{t: t, url: url, Client: &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Answer is a response that was read to its end.
type Answer struct {
	Status int
	Header http.Header
	Body   string // without white space around it
}

// Get requests a path, with header fields as "Name: value".
func (v *Visitor) Get(path string, header ...string) Answer {
	v.t.Helper()
	return v.send("GET", path, "", header)
}

// Post sends a body. Its type is that of a form if header names no other.
func (v *Visitor) Post(path, body string, header ...string) Answer {
	v.t.Helper()
	return v.send("POST", path, body, append([]string{"Content-Type: application/x-www-form-urlencoded"}, header...))
}

func (v *Visitor) send(method, path, body string, header []string) Answer {
	v.t.Helper()
	resp := v.Open(method, path, body, header...)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: strings.TrimSpace(string(text))}
}

// Open sends a request and returns the response, whose body the caller closes.
func (v *Visitor) Open(method, path, body string, header ...string) *http.Response {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.url+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	for _, field := range header {
		name, value, _ := strings.Cut(field, ": ")
		r.Header.Set(name, value)
	}
	resp, err := v.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	return resp
}

// Want fails the test unless got is what is wanted.
func Want[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
