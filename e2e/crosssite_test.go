package e2e_test

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"
)

// attacker starts a server whose page has a form for each attack on a site.
func attacker(t *testing.T, secure bool, site string) string {
	t.Helper()
	form := func(id, path string, fields ...string) string {
		s := `<form method="post" action="` + html.EscapeString(site+path) + `">`
		for i := 0; i < len(fields); i += 2 {
			s += fmt.Sprintf(`<input type="hidden" name="%s" value="%s">`, fields[i], fields[i+1])
		}
		return s + `<button id="` + id + `">Win</button></form>`
	}
	page := `<title>Win</title><link rel="icon" href="data:,">` + form("out", "/logout") + form("revoke", "/devices/revoke-others") +
		form("in", "/login", "name", "eve", "password", annsPassword) + form("up", "/signup", "name", "mallory", "password", annsPassword) +
		form("password", "/password", "password", annsPassword, "new", newPassword) +
		`<img src="` + html.EscapeString(site) + `/logout" alt="">`
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(page))
	})
	var server *httptest.Server
	if secure {
		server = httptest.NewTLSServer(handler)
	} else {
		server = httptest.NewServer(handler)
	}
	t.Cleanup(server.Close)
	return server.URL
}

func TestR67_OtherSitesSignNobodyInOrOut(t *testing.T) {
	for name, secure := range map[string]bool{"https": true, "http, where browsers send Origin alone": false} {
		t.Run(name, func(t *testing.T) {
			url, id := "", "id"
			if secure {
				url, id = site(t), "__Host-id"
			} else {
				url = named("login.example", example(t, "login", "-db", "memory"))
			}
			evil := attacker(t, secure, url)
			ann, nobody := chromium(t, hosts), chromium(t, hosts)
			enter(t, nobody, url+"/signup", "eve", annsPassword)
			press(t, nobody, "#signout")
			enter(t, ann, url+"/signup", "ann", annsPassword)
			token := cookie(t, ann, id).Value
			for _, host := range []string{"evil.example", "www.login.example", "login.example"} { // another site, the same site, another port
				for _, attack := range []string{"out", "revoke", "in", "up", "password"} {
					for visitor, ctx := range map[string]context.Context{"ann": ann, "nobody": nobody} {
						do(t, ctx, chromedp.Navigate(named(host, evil)))
						resp, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS("#"+attack)))
						if err != nil {
							t.Fatal(err)
						}
						want(t, host+": "+attack+" of "+visitor, resp.Status, int64(http.StatusForbidden))
					}
				}
			}
			want(t, "token of ann", cookie(t, ann, id).Value, token)
			want(t, "token of nobody", cookie(t, nobody, id), nil)
			do(t, ann, chromedp.Navigate(url+"/account"))
			want(t, "ann", who(t, ann), "ann")
			do(t, nobody, chromedp.Navigate(url))
			want(t, "nobody", who(t, nobody), "")
			press(t, ann, "#signout")
			want(t, "her own button", who(t, ann), "")
		})
	}
}
