package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// TestSite plays a visit to the program.
func TestSite(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	in, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, out, "127.0.0.1:0") }()
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar}
	shows := func(resp *http.Response, err error) func(parts ...string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		return func(parts ...string) {
			t.Helper()
			for _, part := range parts {
				if !strings.Contains(string(body), part) {
					t.Errorf("%s lacks %q:\n%s", resp.Request.URL.Path, part, body)
				}
			}
		}
	}
	shows(client.Get(address))("Visits: 1", "Sign in")
	shows(client.PostForm(address+"/login", nil))("Visits: 2", "Enter a name")
	shows(client.PostForm(address+"/login", url.Values{"name": {"Ann"}}))("Visits: 1", "Welcome, Ann.", "Sign out") // a login begins anew
	shows(client.Get(address))("Visits: 2", "signed in as Ann")
	resp, err := client.Get(address + "/members/time")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	events := bufio.NewScanner(resp.Body)
	if !events.Scan() || !strings.HasPrefix(events.Text(), "data: ") {
		t.Errorf("the stream begins with %q", events.Text())
	}
	shows(client.PostForm(address+"/logout", nil))("Sign in")
	for events.Scan() { // until the stream notices
	}
	shows(client.Get(address + "/members/time"))("Sign in")
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
