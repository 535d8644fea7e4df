package ginsessions_test

import (
	"bufio"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/gosessions/sessions/internal/testing/testserver"
)

// TestExampleProgram visits the example as a newcomer does.
func TestExampleProgram(t *testing.T) {
	site := testserver.Program(t, ".", "./example", nil)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	defer client.CloseIdleConnections()
	text := func(resp *http.Response, err error) string {
		if err != nil {
			return err.Error()
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return err.Error()
		}
		return string(body)
	}
	get := func(path string) string { return text(client.Get(site + path)) }
	post := func(path string, form url.Values) string { return text(client.PostForm(site+path, form)) }
	want(t, "home", get("/"), "visit 1\n")
	want(t, "home again", get("/"), "visit 2\n")
	want(t, "account of nobody", get("/account"), "visit 3\n") // the login page
	want(t, "login without a name", post("/login", nil), "Unauthorized\n")
	want(t, "login", post("/login", url.Values{"name": {"ann"}, "next": {"/account"}}), "Hello, ann.\n")
	want(t, "home after it", get("/"), "Welcome, ann.\nvisit 4\n")
	want(t, "home after that", get("/"), "visit 5\n")
	r, err := http.NewRequest(http.MethodGet, site, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	if page := text(client.Do(r)); !strings.Contains(page, "signed in as ann") {
		t.Errorf("the page does not say who is signed in:\n%s", page)
	}
	resp, err := client.Get(site + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	events := bufio.NewReader(resp.Body)
	first, _ := events.ReadString('\n')
	want(t, "the first event", first, "event:user\n")
	want(t, "logout", post("/logout", nil), "visit 1\n")
	if _, err := io.Copy(io.Discard, events); err != nil {
		t.Errorf("the stream does not end with the session: %v", err)
	}
	want(t, "account after it", get("/account"), "visit 2\n")
}
