package e2e_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

const (
	annsPassword = "correct horse battery"
	newPassword  = "another four words here"
)

// site starts the login example behind a proxy that speaks TLS, at a host name
// that browsers find with the flag.
func site(t *testing.T, args ...string) string {
	t.Helper()
	inner, err := url.Parse(example(t, "login", append([]string{"-db", "memory", "-https"}, args...)...))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(inner)
		r.SetXForwarded()
		r.Out.Host = r.In.Host
	}})
	t.Cleanup(proxy.Close)
	return named("login.example", proxy.URL)
}

// named returns the address of a server on this machine, under another name of
// the machine.
func named(host, address string) string {
	u, _ := url.Parse(address)
	u.Host = host + ":" + u.Port()
	return u.String()
}

// hosts makes a browser find all names on this machine.
var hosts = chromedp.Flag("host-resolver-rules", "MAP *.example 127.0.0.1")

// enter signs up or in, by the form at a path.
func enter(t *testing.T, ctx context.Context, address, name, password string, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	do(t, ctx, chromedp.Navigate(address), chromedp.SetValue(chromedp.CSS("#name"), name), chromedp.SetValue(chromedp.CSS("#password"), password))
	do(t, ctx, steps...)
	press(t, ctx, "#submit")
}

// who returns whom a page names as signed in, "" if nobody.
func who(t *testing.T, ctx context.Context) string {
	t.Helper()
	return run(t, ctx, chromedp.Evaluate[string](`document.querySelector("#who")?.textContent ?? ""`))
}

// at returns the path of the page, and its query.
func at(t *testing.T, ctx context.Context) string {
	t.Helper()
	return run(t, ctx, chromedp.Evaluate[string]("location.pathname + location.search"))
}

// screenshot writes a picture of the page into the folder SCREENSHOT_DIR.
func screenshot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	if dir := os.Getenv("SCREENSHOT_DIR"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".png"), run(t, ctx, chromedp.FullScreenshot(100)), 0o600); err != nil {
			t.Error(err)
		}
	}
}

func TestTwoBrowsersOfOneUser(t *testing.T) {
	url := site(t)
	one, two := chromium(t, hosts), chromium(t, hosts)
	console := complaints(t, one)
	enter(t, one, url+"/signup", "ann", annsPassword)
	want(t, "after signing up", at(t, one), "/account")
	want(t, "cookie", cookie(t, one, "__Host-id") != nil, true)

	do(t, two, chromedp.Navigate(url+"/devices"))
	want(t, "a stranger is sent", at(t, two), "/login?next=%2Fdevices")
	enter(t, two, url+"/login?next=%2Fdevices", "ann", annsPassword)
	want(t, "and comes back", at(t, two), "/devices")
	want(t, "who", who(t, two), "ann")

	do(t, one, chromedp.Navigate(url+"/devices"))
	want(t, "devices", run(t, one, chromedp.Evaluate[int](`document.querySelectorAll("tbody tr").length`)), 2)
	screenshot(t, one, "devices")
	press(t, one, ".revoke")
	want(t, "notice", text(t, one, "#notice"), "That device is signed out.")
	want(t, "devices, then", run(t, one, chromedp.Evaluate[int](`document.querySelectorAll("tbody tr").length`)), 1)
	do(t, two, chromedp.Reload())
	want(t, "the other one", at(t, two), "/login?next=%2Fdevices")

	enter(t, two, url+"/login", "ann", annsPassword)
	want(t, "signed in again", who(t, two), "ann")
	before := cookie(t, one, "__Host-id").Value
	do(t, one, chromedp.Navigate(url+"/password"),
		chromedp.SetValue(chromedp.CSS("#password"), annsPassword), chromedp.SetValue(chromedp.CSS("#new"), newPassword))
	screenshot(t, one, "password")
	press(t, one, "#submit")
	want(t, "notice", text(t, one, "#notice"), "Your password is changed. You're signed out on all other devices.")
	want(t, "who has changed it", who(t, one), "ann")
	want(t, "another token", cookie(t, one, "__Host-id").Value != before, true)
	do(t, two, chromedp.Reload())
	want(t, "the other one", at(t, two), "/login?next=%2Faccount")
	want(t, "complaints in the console", console(), "")
	enter(t, two, url+"/login", "ann", annsPassword)
	want(t, "the old password", text(t, two, "#error"), "Wrong name or password. Try again, or sign up if you're new here.")
	enter(t, two, url+"/login", "ann", newPassword)
	want(t, "the new password", who(t, two), "ann")
}

func TestRememberMeOutlivesTheBrowser(t *testing.T) {
	url := site(t)
	enter(t, chromium(t, hosts), url+"/signup", "ann", annsPassword)
	remember := chromedp.Click(chromedp.CSS("#remember"))
	for name, steps := range map[string][]chromedp.Action[chromedp.Void]{"": nil, "ann": {remember}} {
		dir := profile(t)
		ctx, quit := launch(t, dir, hosts)
		enter(t, ctx, url+"/login", "ann", annsPassword, steps...)
		want(t, "before", who(t, ctx), "ann")
		quit()
		ctx, _ = launch(t, dir, hosts)
		do(t, ctx, chromedp.Navigate(url))
		want(t, "after", who(t, ctx), name)
	}
}

func TestPagesFitAPhone(t *testing.T) {
	url := site(t)
	ctx := chromium(t, hosts)
	console := complaints(t, ctx)
	for width, name := range map[int64]string{390: strings.Repeat("w", 30), 1280: "ann"} {
		do(t, ctx, chromedp.EmulateViewport(width, 800))
		fits := func(page string) {
			t.Helper()
			do(t, ctx, chromedp.Navigate(url+page))
			want(t, "width of "+page, run(t, ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth")), width)
			screenshot(t, ctx, fmt.Sprint("page", strings.ReplaceAll(page, "/", "-"), width))
		}
		for _, page := range []string{"/", "/login", "/signup"} {
			fits(page)
		}
		enter(t, ctx, url+"/signup", name, annsPassword)
		for _, page := range []string{"/account", "/devices", "/password", "/confirm"} {
			fits(page)
		}
		press(t, ctx, "#signout")
	}
	want(t, "complaints in the console", console(), "")
}
