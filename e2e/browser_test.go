package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

func TestCounterInABrowser(t *testing.T) {
	for _, codec := range []string{"json", "gob"} {
		t.Run(codec, func(t *testing.T) {
			ctx := chromium(t)
			console := complaints(t, ctx)
			url := example(t, "typed-counter", "-codec", codec)
			do(t, ctx, chromedp.Navigate(url))
			for _, n := range []string{"1", "2", "3"} {
				want(t, "count", text(t, ctx, "#count"), n)
				if n != "3" {
					do(t, ctx, chromedp.Reload())
				}
			}
			want(t, "codec", text(t, ctx, "#codec"), codec)
			want(t, "keys", text(t, ctx, "#keys"), "counter, visitor")
			want(t, "page views", text(t, ctx, "#views"), "3")
			want(t, "seen", text(t, ctx, "#first") != "" && text(t, ctx, "#last") != "", true)
			id := text(t, ctx, "#id")

			before := cookie(t, ctx, "id")
			want(t, "HttpOnly", before.HTTPOnly, true)
			want(t, "Secure, over plain HTTP", before.Secure, false)
			want(t, "SameSite", before.SameSite, network.CookieSameSiteLax)
			want(t, "Path", before.Path, "/")
			want(t, "Domain", before.Domain, "127.0.0.1")
			want(t, "ends with the browser", before.Session, true)
			want(t, "cookies that scripts see", run(t, ctx, chromedp.Evaluate[string]("document.cookie")), "")

			do(t, ctx, chromedp.SetValue(chromedp.CSS("#name"), "<b>Ann</b>"))
			press(t, ctx, "#save")
			want(t, "greeting", text(t, ctx, ".greeting"), "Hello, <b>Ann</b>.")
			want(t, "count", text(t, ctx, "#count"), "4")

			press(t, ctx, "#renew")
			want(t, "count after renewal", text(t, ctx, "#count"), "5")
			want(t, "the id after the renewal", text(t, ctx, "#id"), id)
			renewed := cookie(t, ctx, "id")
			want(t, "another token", renewed.Value != before.Value, true)
			if dir := os.Getenv("SCREENSHOT_DIR"); dir != "" {
				png := run(t, ctx, chromedp.FullScreenshot(100))
				if err := os.WriteFile(filepath.Join(dir, codec+".png"), png, 0o600); err != nil {
					t.Error(err)
				}
			}

			for _, width := range []int64{390, 1280} {
				do(t, ctx, chromedp.EmulateViewport(width, 800), chromedp.SetValue(chromedp.CSS("#name"), strings.Repeat("W", 40)))
				press(t, ctx, "#save")
				want(t, "width of the page", run(t, ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth")), width)
			}
			want(t, "complaints in the console", console(), "")

			// A page of another origin posts; the browser says so.
			attacker := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				_, _ = w.Write([]byte(`<form method="post" action="` + url + `/forget"><button id="attack">Win</button></form>`))
			}))
			defer attacker.Close()
			do(t, ctx, chromedp.Navigate(strings.Replace(attacker.URL, "127.0.0.1", "localhost", 1)))
			resp, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS("#attack")))
			if err != nil {
				t.Fatal(err)
			}
			want(t, "status of the forged post", resp.Status, int64(http.StatusForbidden))
			do(t, ctx, chromedp.Navigate(url))
			want(t, "the session lives", text(t, ctx, "#id"), id)

			press(t, ctx, "#forget")
			want(t, "count of the new session", text(t, ctx, "#count"), "1")
			want(t, "its id is another", text(t, ctx, "#id") != id, true)
			want(t, "the name is forgotten", text(t, ctx, ".greeting"), "Hello, stranger.")
		})
	}
}

func TestCookieInABrowserOverTLS(t *testing.T) {
	const counter = sessions.Key[int]("counter")
	for name, tc := range map[string]struct {
		opts    sessions.Options
		session bool
	}{
		"default":     {sessions.Options{}, true},
		"persistent":  {sessions.Options{Persistent: true}, false},
		"partitioned": {sessions.Options{Cookie: sessions.CookieOptions{Partitioned: true, SameSite: http.SameSiteNoneMode}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := chromium(t)
			m, err := sessions.New(new(memstore.Store), tc.opts)
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewTLSServer(m.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
				switch r.URL.Path {
				case "/":
					_ = counter.Set(s, 1)
				case "/out":
					s.Destroy()
				}
			})))
			defer server.Close()
			do(t, ctx, chromedp.Navigate(server.URL))
			c := cookie(t, ctx, "__Host-id")
			if c == nil {
				t.Fatal("the browser did not accept the cookie")
			}
			want(t, "Secure", c.Secure, true)
			want(t, "HttpOnly", c.HTTPOnly, true)
			want(t, "Path", c.Path, "/")
			want(t, "of this host only", strings.HasPrefix(c.Domain, "."), false)
			want(t, "ends with the browser", c.Session, tc.session)
			want(t, "partitioned", c.PartitionKey != nil, tc.opts.Cookie.Partitioned)
			if !tc.opts.Cookie.Partitioned {
				want(t, "SameSite", c.SameSite, network.CookieSameSiteLax)
			}
			do(t, ctx, chromedp.Navigate(server.URL+"/out"))
			want(t, "removed at logout", cookie(t, ctx, "__Host-id"), nil)
		})
	}
}
