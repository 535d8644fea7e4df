package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

var posts = []string{
	"/signup", "/login", "/logout", "/confirm", "/password", "/devices/revoke", "/devices/revoke-others", "/admin/revoke",
}

func TestR67_OtherSitesSignNobodyInOrOut(t *testing.T) {
	b := newBrowser(t, start(t, quick())).signUp("ann", annsPassword)
	newBrowser(t, b.url).signUp("bob", bobsPassword)
	token := b.cookie()
	form := url.Values{"name": {"bob"}, "password": {bobsPassword}, "new": {newPassword}}
	for _, path := range posts {
		for _, header := range [][]string{
			{"Sec-Fetch-Site", "cross-site"},
			{"Sec-Fetch-Site", "same-site"},
			{"Origin", "null"},
			{"Origin", "https://evil.example"},
		} {
			for what, who := range map[string]*browser{"ann": b, "nobody": newBrowser(t, b.url)} {
				r := who.do("POST", path, form, header...)
				what += " " + path + " " + strings.Join(header, ": ")
				want(t, what, r.status, http.StatusForbidden)
				want(t, what+": cookie", r.header.Get("Set-Cookie"), "")
			}
		}
	}
	want(t, "token", b.cookie(), token)
	want(t, "who", b.who(), "ann")
	want(t, "of the same site", b.do("POST", "/logout", nil, "Sec-Fetch-Site", "same-origin").to(), "See Other /goodbye")
}

func TestLinksChangeNothing(t *testing.T) {
	b := newBrowser(t, start(t, quick())).signUp("ann", annsPassword)
	for _, path := range posts {
		get := b.get(path)
		if page := path == "/signup" || path == "/login" || path == "/confirm" || path == "/password"; page {
			want(t, "GET "+path, get.status, http.StatusOK)
		} else {
			want(t, "GET "+path, get.status, http.StatusMethodNotAllowed)
			want(t, "Allow", get.header.Get("Allow"), "POST")
		}
	}
	want(t, "credentials in a link", newBrowser(t, b.url).do("POST", "/login?name=ann&password="+url.QueryEscape(annsPassword), url.Values{}).status, http.StatusUnauthorized)
	want(t, "who", b.who(), "ann")
}

func TestPlantedCookieGainsNothing(t *testing.T) {
	b := newBrowser(t, start(t, quick())).signUp("eve", bobsPassword)
	planted := b.cookie()
	victim := newBrowser(t, b.url)
	victim.client.Jar = b.client.Jar // eve has given the victim her cookie
	newBrowser(t, b.url).signUp("ann", annsPassword)
	victim.signIn("ann", annsPassword)
	want(t, "victim", victim.who(), "ann")
	eve := newBrowser(t, b.url)
	page := eve.do("GET", "/", nil, "Cookie", "id="+planted)
	want(t, "eve", page.text("who"), "")
}
