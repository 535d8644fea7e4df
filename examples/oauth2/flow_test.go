package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosessions/sessions/login"
)

func TestVisitorSignsInAndIsBackWhereTheyWanted(t *testing.T) {
	w := start(t)
	b := w.browser()
	a := b.do("GET", "/account?tab=2", nil, "Accept", "text/html")
	want(t, "what needs a login", a.status, http.StatusSeeOther)
	want(t, "its login page", a.to, "/login?next=%2Faccount%3Ftab%3D2")
	page := b.get(a.to)
	want(t, "login page", page.status, http.StatusOK)
	want(t, "it knows where to", strings.Contains(page.body, `name="next" value="/account?tab=2"`), true)
	want(t, "no session so far", b.token(), "")

	there := b.leave("/account?tab=2")
	want(t, "challenge method", query(there, "code_challenge_method"), "S256")
	want(t, "callback", query(there, "redirect_uri"), w.url+callbackPath)
	want(t, "the provider asks", strings.Contains(b.get(there).body, "Continue as Ann Example"), true)
	before := b.token()
	back := b.get(b.choose(there, "1"))
	want(t, "the callback", back.status, http.StatusSeeOther)
	want(t, "leads to", back.to, "/account?tab=2")
	want(t, "token before and after differ", before != b.token() && before != "" && b.token() != "", true)

	page = b.get(back.to)
	want(t, "who", page.element("who"), "Ann Example")
	want(t, "id", page.element("id"), "demo:1")
	want(t, "keys of the session", page.element("keys"), "login.state") // no token, state or verifier is left
	want(t, "login page", b.get("/login?next=/%3Fa").to, "/?a")
	want(t, "requests for a token", w.asked(), 1)
	want(t, "secrets that were seen", len(w.secrets), 5) // so that there is something to look for

	want(t, "logout", b.do("POST", "/logout", nil).to, "/")
	want(t, "who", b.who(), "stranger")
}

func TestNextIsOfThisSite(t *testing.T) {
	w := start(t)
	for next, to := range map[string]string{
		"/":                        "/",
		"/account?a=b&c=%2F":       "/account?a=b&c=%2F",
		"":                         "/account",
		"https://other.example/":   "/account",
		"//other.example/":         "/account",
		`/\other.example/`:         "/account",
		"/\t/other.example/":       "/account",
		"javascript:alert(1)":      "/account",
		"/" + longer("long", 3000): "/account",
	} {
		b := w.browser()
		want(t, "after "+next, b.get(b.choose(b.leave(next), "1")).to, to)
	}
}

func longer(s string, n int) string { return strings.Repeat(s, n/len(s)) }

func TestTabsDoNotDisturbEachOther(t *testing.T) {
	for name, order := range map[string][]int{"as begun": {0, 1, 2}, "the last first": {2, 0, 1}} {
		t.Run(name, func(t *testing.T) {
			b := start(t).browser()
			nexts := []string{"/", "/account", "/account?tab=2"}
			var tabs []string
			for _, next := range nexts {
				tabs = append(tabs, b.leave(next))
			}
			for _, i := range order {
				want(t, "tab", b.get(b.choose(tabs[i], "1")).to, nexts[i])
				want(t, "who", b.who(), "Ann Example")
			}
			want(t, "keys of the session", b.get("/account").element("keys"), "login.state")
		})
	}
}

// Two tabs are both at the point where the provider is asked for a token.
func TestTabsThatComeBackTogetherAreBothSignedIn(t *testing.T) {
	w := start(t)
	b := w.browser()
	var both, done sync.WaitGroup
	both.Add(2)
	w.set(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path == "/token" {
			both.Done()
			both.Wait()
		}
		next.ServeHTTP(rw, r)
	})
	home, account := b.choose(b.leave("/"), "1"), b.choose(b.leave("/account"), "1")
	done.Go(func() { want(t, "leads to", b.get(home).to, "/") })
	done.Go(func() { want(t, "leads to", b.get(account).to, "/account") })
	done.Wait()
	want(t, "who", b.who(), "Ann Example")
}

func TestUsersAreKnownByTheirNumber(t *testing.T) {
	w := start(t)
	answer := func(profile string) {
		w.set(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.URL.Path != "/user" {
				next.ServeHTTP(rw, r)
				return
			}
			_, _ = rw.Write([]byte(profile))
		})
	}
	b := w.browser()
	answer(`{"id":7,"login":"cat","name":"<b>Cat</b>","email":"cat@example.com"}`)
	b.signIn("1")
	answer(`{"id":8,"login":"cat","name":"Other","email":"cat@example.com"}`) // who got the name and address of the first
	other := w.browser()
	other.signIn("1")
	want(t, "first", b.get("/account").element("id"), "demo:7")
	want(t, "the name is escaped", b.get("/account").element("who"), "<b>Cat</b>")
	want(t, "second", other.get("/account").element("id"), "demo:8")
	answer(`{"id":7,"login":"tiger","name":""}`)
	w.browser().signIn("1")
	want(t, "first, after they changed their name elsewhere", b.who(), "tiger")
}

// A thief has a copy of the cookie, but no account at the provider.
func TestR123_ThiefCannotDeleteTheAccount(t *testing.T) {
	w := start(t)
	ann, thief := w.browser(), w.browser()
	ann.signIn("1")
	thief.plant(ann.token())
	w.recent = time.Nanosecond // over before anybody can ask
	later := httptest.NewServer(w.handler())
	defer later.Close()
	got := thief.do("POST", later.URL+"/account/delete", url.Values{}, "Accept", "text/html")
	want(t, "delete", got.status, http.StatusSeeOther)
	want(t, "leads to", got.to, "/login")
	want(t, "which asks", thief.get(later.URL+got.to).status, http.StatusOK)
	_, err := w.users.User(t.Context(), "demo:1")
	want(t, "the user is there", err, nil)

	w.recent = 10 * time.Minute
	want(t, "the owner signs in once more", ann.signIn("1").to, "/account")
	want(t, "and deletes", ann.do("POST", "/account/delete", url.Values{}).to, "/")
}

func TestSessionEndsWithItsUser(t *testing.T) {
	w := start(t)
	laptop, phone := w.browser(), w.browser()
	laptop.signIn("1")
	phone.signIn("1")
	w.users.remove("demo:1")
	want(t, "who", laptop.who(), "stranger")
	want(t, "token", laptop.token(), "")
	laptop.signIn("1")
	want(t, "what needs a login", phone.get("/account").status, http.StatusSeeOther)

	phone.signIn("1")
	want(t, "delete", laptop.do("POST", "/account/delete", url.Values{}).to, "/")
	want(t, "who", laptop.who(), "stranger")
	want(t, "who elsewhere", phone.who(), "stranger")
	_, err := w.users.User(t.Context(), "demo:1")
	want(t, "the user is gone", errors.Is(err, login.ErrNoUser), true)
}
