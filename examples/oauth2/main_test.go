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

func TestProgramSignsInWithItsOwnProvider(t *testing.T) {
	set, err := parse([]string{"-addr", "127.0.0.1:0"}, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, w, set)
		_ = w.Close()
	}()
	out := bufio.NewReader(r)
	line, _ := out.ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok {
		cancel()
		t.Fatalf("printed %q, error %v", line, <-ended)
	}
	line, _ = out.ReadString('\n')
	want(t, "second line", line, "visitors sign in with the demo provider\n")

	jar, _ := cookiejar.New(nil)
	client := http.Client{Jar: jar}
	resp, err := client.PostForm(address+"/login", url.Values{"next": {"/account"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	resp, err = client.PostForm(resp.Request.URL.String(), url.Values{"user": {"2"}})
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	want(t, "address", resp.Request.URL.String(), address+"/account")
	want(t, "who", answer{body: string(body)}.element("who"), "Bob Example")

	client.CloseIdleConnections()
	cancel()
	want(t, "its end", <-ended, nil)
}

func TestSettings(t *testing.T) {
	env := map[string]string{"OAUTH2_CLIENT_ID": "id", "OAUTH2_CLIENT_SECRET": "hidden"}
	own := []string{"-provider", "gitea", "-auth-url", "https://git.example/a", "-token-url", "http://localhost:3000/t", "-user-url", "http://[::1]:3000/u"}
	for name, tc := range map[string]struct {
		args   []string
		env    map[string]string
		faults string // parts of the error
	}{
		"GitHub":             {[]string{"-provider", "github"}, env, ""},
		"your own":           {own, env, ""},
		"GitHub, no secret":  {[]string{"-provider", "github"}, map[string]string{"OAUTH2_CLIENT_ID": "id"}, "OAUTH2_CLIENT_SECRET https://site.example/login/callback"},
		"your own, no URLs":  {own[:2], nil, "OAUTH2_CLIENT_ID -auth-url -token-url -user-url"},
		"secrets in clear":   {append(own[:6:6], "-user-url", "http://git.example/u"), env, "-user-url http://git.example/u"},
		"no address at all":  {append(own[:6:6], "-user-url", "https:"), env, "-user-url"},
		"address of no host": {append(own[:6:6], "-user-url", "://"), env, "-user-url"},
	} {
		set, err := parse(tc.args, func(name string) string { return tc.env[name] })
		if err != nil {
			t.Fatal(err)
		}
		p, err := set.named("https://site.example" + callbackPath)
		want(t, name+": error", err != nil, tc.faults != "")
		for _, part := range strings.Fields(tc.faults) {
			if err != nil && (!strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "hidden")) {
				t.Errorf("%s: the error does not name %s, or a secret: %v", name, part, err)
			}
		}
		if tc.faults == "" && p.config.Endpoint.TokenURL == "" {
			t.Errorf("%s: no endpoint", name)
		}
	}
}

func TestAddressOfTheSite(t *testing.T) {
	for given, url := range map[string]string{
		"": "http://127.0.0.1:8080", "https://example.com/": "https://example.com", "https://example.com": "https://example.com",
		"example.com": "", "https://example.com/app": "", "ftp://example.com": "", "https://": "",
	} {
		got, err := settings{url: given}.siteURL(address("127.0.0.1:8080"))
		want(t, given, got, url)
		want(t, given+": error", err != nil, url == "")
	}
}

type address string

func (address) Network() string  { return "tcp" }
func (a address) String() string { return string(a) }
