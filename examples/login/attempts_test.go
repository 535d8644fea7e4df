package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

const tooMany = "There were too many attempts to sign in. Wait a few minutes and try again, or use another browser in which you have signed in here before."

func TestPasswordsAreTriedOnlySoOftenFromOneAddress(t *testing.T) {
	c := quick()
	c.limits.address = 5
	url := start(t, c)
	ann := newBrowser(t, url).signUp("ann", annsPassword)
	for _, name := range []string{"ann", "bob", "eve", "ian"} {
		r := newBrowser(t, url).post("/login", "name", name, "password", "wrong")
		want(t, name+" is not slowed down", r.status, http.StatusUnauthorized)
	}
	for _, path := range []string{"/login", "/signup"} {
		r := newBrowser(t, url).post(path, "name", "zoe", "password", bobsPassword)
		want(t, path, r.status, http.StatusTooManyRequests)
		want(t, "Retry-After", r.header.Get("Retry-After"), "60")
		want(t, "it says", r.text("error"), tooMany)
	}
	want(t, "who is signed in stays so", ann.who(), "ann")
	want(t, "and can sign out", ann.post("/logout").to(), "See Other /goodbye")
}

func TestPasswordsAreTriedOnlySoOftenForOneName(t *testing.T) {
	c := quick()
	c.limits.name = 3
	h := newTestSite(t, c).handler()
	from := func(address, name, password string) int {
		return browserFrom(t, h, address).post("/login", "name", name, "password", password).status
	}
	browserFrom(t, h, "[2001:db8::1]:1").signUp("ann", annsPassword)
	for _, name := range []string{"ann", "nobody"} {
		for range 3 {
			browserFrom(t, h, "192.0.2.4:1").post("/signup", "name", name, "password", "wrong") // is no attempt
			want(t, name, from("192.0.2.1:1", name, "wrong"), http.StatusUnauthorized)
		}
		for address, spelled := range map[string]string{"192.0.2.2:1": name, "192.0.2.3:1": " " + strings.ToUpper(name)} {
			want(t, name+" from "+address, from(address, spelled, annsPassword), http.StatusTooManyRequests)
		}
	}
	want(t, "another name", from("192.0.2.1:1", "bob", "wrong"), http.StatusUnauthorized)
}

func TestR123_StrangersCannotKeepAUserFromThePassword(t *testing.T) {
	c := quick()
	c.limits = limits{address: 20, name: 100, browser: 20}
	h := newTestSite(t, c).handler()
	const address = "192.0.2.1:1" // a stranger has the same
	ann := browserFrom(t, h, address).signUp("ann", annsPassword)
	for i := range 101 {
		browserFrom(t, h, fmt.Sprintf("192.0.2.%d:1", 1+i%6)).post("/login", "name", "ann", "password", "wrong")
	}
	for _, from := range []string{address, "198.51.100.1:1"} {
		r := browserFrom(t, h, from).post("/login", "name", "ann", "password", annsPassword)
		want(t, "a browser where she never signed in", r.status, http.StatusTooManyRequests)
	}
	for range 20 {
		browserFrom(t, h, address).post("/login", "name", "bob", "password", "wrong")
	}
	want(t, "her address", browserFrom(t, h, address).post("/signup", "name", "bob", "password", bobsPassword).status, http.StatusTooManyRequests)

	want(t, "she confirms", ann.post("/confirm", "password", annsPassword).to(), "See Other /account")
	want(t, "she changes her password", ann.post("/password", "password", annsPassword, "new", newPassword).to(), "See Other /account")
	ann.post("/logout")
	ann.signIn("ann", newPassword)
	want(t, "she signs in where she did before", ann.who(), "ann")
}

func TestR123_BrowserOfAUserCountsByItself(t *testing.T) {
	c := quick()
	c.limits.browser = 3
	url := start(t, c)
	laptop := newBrowser(t, url).signUp("ann", annsPassword)
	phone := newBrowser(t, url).signIn("ann", annsPassword)
	for _, path := range []string{"/login", "/confirm", "/password"} {
		r := laptop.post(path, "name", "ann", "password", "wrong", "new", newPassword)
		want(t, path, r.status, http.StatusUnauthorized)
	}
	for _, path := range []string{"/login", "/confirm", "/password"} {
		r := laptop.post(path, "name", "ann", "password", annsPassword, "new", newPassword)
		want(t, path+", once more", r.status, http.StatusTooManyRequests)
		want(t, "it says", r.text("error"), tooMany)
	}
	want(t, "the other browser", phone.post("/confirm", "password", annsPassword).to(), "See Other /account")
	bob := newBrowser(t, url).signUp("bob", bobsPassword)
	for range 3 {
		want(t, "a user who guesses another's", bob.post("/login", "name", "ann", "password", "wrong").status, http.StatusUnauthorized)
	}
	want(t, "counts as a stranger", bob.post("/confirm", "password", bobsPassword).to(), "See Other /account")
}

func TestR123_AddressOfAVisitorHasNoPort(t *testing.T) {
	for _, tc := range []struct {
		https     bool
		peer      string
		forwarded []string
		want      string
	}{
		{false, "192.0.2.1:1", nil, "192.0.2.1"},
		{false, "[2001:db8::ffff]:1", nil, "2001:db8::/64"}, // a network counts as one
		{false, "[::ffff:192.0.2.1]:1", nil, "192.0.2.1"},
		{false, "192.0.2.1:1", []string{"198.51.100.1"}, "192.0.2.1"},
		{true, "127.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{true, "127.0.0.1:1", []string{"made up, 2001:db8::1"}, "2001:db8::/64"},
		{true, "127.0.0.1:1", []string{"made up", "198.51.100.1"}, "198.51.100.1"},
		{true, "127.0.0.1:1", nil, "127.0.0.1"},
		{true, "127.0.0.1:1", []string{"198.51.100.1:4711"}, "198.51.100.1"}, // a visitor has many ports
		{true, "127.0.0.1:1", []string{"[2001:db8::1]:4711"}, "2001:db8::/64"},
		{true, "127.0.0.1:1", []string{"[2001:db8::1]"}, "2001:db8::/64"},
		{true, "127.0.0.1:1", []string{"2001:db8::1%eth0"}, "2001:db8::/64"},
		{true, "127.0.0.1:1", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{true, "127.0.0.1:1", []string{"unknown"}, "127.0.0.1"}, // many names for nobody
		{true, "127.0.0.1:1", []string{"198.51.100.1, "}, "127.0.0.1"},
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
