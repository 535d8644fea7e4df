package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

func TestPasswordsAreTriedOnlySoOftenFromOneAddress(t *testing.T) {
	c := quick()
	c.limits.address = 5
	b := newBrowser(t, start(t, c)).signUp("ann", annsPassword)
	token := b.cookie()
	for i, path := range []string{"/login", "/confirm", "/password", "/signup"} {
		r := b.post(path, "name", "name"+string(rune('a'+i)), "password", "wrong")
		want(t, path+" is not slowed down", r.status == http.StatusTooManyRequests, false)
	}
	for _, path := range []string{"/login", "/confirm", "/password", "/signup"} {
		r := b.post(path, "name", "ann", "password", annsPassword, "new", newPassword)
		want(t, path, r.status, http.StatusTooManyRequests)
		want(t, "Retry-After", r.header.Get("Retry-After"), "60")
		want(t, "it says", r.text("error"), "There were too many attempts to sign in. Wait a few minutes and try again.")
	}
	want(t, "token", b.cookie(), token)
	want(t, "who is signed in stays so", b.who(), "ann")
	want(t, "and can sign out", b.post("/logout").to(), "See Other /goodbye")
}

func TestPasswordsAreTriedOnlySoOftenForOneName(t *testing.T) {
	c := quick()
	c.limits.name = 3
	s := newTestSite(t, c)
	// from is a request from an address of its own.
	from := func(address, path, name, password string) int {
		form := url.Values{"name": {name}, "password": {password}}
		r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.RemoteAddr = address
		w := httptest.NewRecorder()
		s.handler().ServeHTTP(w, r)
		return w.Code
	}
	want(t, "sign up", from("[2001:db8::1]:1", "/signup", "ann", annsPassword), http.StatusSeeOther)
	for _, name := range []string{"ann", "nobody"} {
		tried := map[string]int{"ann": 1, "nobody": 0}[name]
		for ; tried < 3; tried++ {
			want(t, name, from("192.0.2.1:1", "/login", name, "wrong"), http.StatusUnauthorized)
		}
		for address, spelled := range map[string]string{"192.0.2.2:1": name, "192.0.2.3:1": " " + strings.ToUpper(name)} {
			want(t, name+" from "+address, from(address, "/login", spelled, annsPassword), http.StatusTooManyRequests)
		}
	}
	want(t, "another name", from("192.0.2.1:1", "/login", "bob", "wrong"), http.StatusUnauthorized)
}

func TestAddressOfAVisitor(t *testing.T) {
	for _, tc := range []struct {
		https     bool
		peer      string
		forwarded []string
		want      string
	}{
		{false, "192.0.2.1:1", nil, "192.0.2.1"},
		{false, "[2001:db8::ffff]:1", nil, "2001:db8::"}, // a network counts as one
		{false, "[::ffff:192.0.2.1]:1", nil, "192.0.2.1"},
		{false, "192.0.2.1:1", []string{"198.51.100.1"}, "192.0.2.1"},
		{true, "127.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{true, "127.0.0.1:1", []string{"made up, 2001:db8::1"}, "2001:db8::"},
		{true, "127.0.0.1:1", []string{"made up", "198.51.100.1"}, "198.51.100.1"},
		{true, "127.0.0.1:1", nil, "127.0.0.1"},
	} {
		s := &site{config: config{https: tc.https}}
		r := &http.Request{RemoteAddr: tc.peer, Header: http.Header{"X-Forwarded-For": tc.forwarded}}
		want(t, fmt.Sprint(tc), s.address(r), tc.want)
	}
}

func TestAttemptsAtTheSameTimeAreCounted(t *testing.T) {
	c := quick()
	c.limits.name = 10
	url := start(t, c)
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := make(map[int]int)
	for range 40 {
		wg.Go(func() {
			status := newBrowser(t, url).post("/login", "name", "ann", "password", "wrong").status
			mu.Lock()
			defer mu.Unlock()
			got[status]++
		})
	}
	wg.Wait()
	want(t, "tried", got[http.StatusUnauthorized], 10)
	want(t, "refused", got[http.StatusTooManyRequests], 30)
}
