package main

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/gosessions/sessions"
)

func TestCallbackOfAnotherBrowserIsRefused(t *testing.T) {
	w := start(t)
	eve := w.browser()
	hers := eve.choose(eve.leave(""), "2") // who opens it would be signed in as Bob
	for name, victim := range map[string]*browser{"no session": w.browser(), "a sign-in under way": w.browser(), "signed in": w.browser()} {
		who := "stranger"
		switch name {
		case "a sign-in under way":
			victim.leave("")
		case "signed in":
			victim.signIn("1")
			who = "Ann Example"
		}
		token := victim.token()
		got := victim.get(hers)
		want(t, name+": status", got.status, http.StatusBadRequest)
		want(t, name+": page", got.element("failure"), "This sign-in is over")
		want(t, name+": who", victim.who(), who)
		want(t, name+": the cookie stays", victim.token(), token)
	}
	want(t, "requests for a token", w.asked(), 1) // of the victim who was signed in
	want(t, "Eve's own", eve.get(hers).to, "/account")
}

func TestCallbackIsGoodForOnce(t *testing.T) {
	w := start(t)
	b := w.browser()
	address := b.choose(b.leave(""), "1")
	want(t, "first", b.get(address).status, http.StatusSeeOther)
	again := b.get(address)
	want(t, "again", again.status, http.StatusBadRequest)
	want(t, "page", again.element("failure"), "This sign-in is over")
	want(t, "still", again.element("who"), "Ann Example")
	want(t, "requests for a token", w.asked(), 1)
}

func TestOfParallelCallbacksOneWins(t *testing.T) {
	for i := range 6 {
		w := start(t)
		b := w.browser()
		if i%2 == 0 { // another tab, without which the session ends with the first claim
			b.leave("/")
		}
		address, token := b.choose(b.leave(""), "1"), b.token()
		const n = 8
		var copies [n]*browser
		var answers [n]answer
		var wg sync.WaitGroup
		for i := range n {
			copies[i] = w.browser() // so that no answer's cookie reaches another request
			copies[i].plant(token)
			wg.Go(func() { answers[i] = copies[i].get(address) })
		}
		wg.Wait()
		won := 0
		for i, a := range answers {
			who := "stranger"
			if a.status == http.StatusSeeOther {
				won++
				who = "Ann Example"
			} else {
				want(t, "loser", a.status, http.StatusBadRequest)
			}
			want(t, "who", copies[i].who(), who)
		}
		want(t, "winners", won, 1)
		want(t, "requests for a token", w.asked(), 1)
	}
}

// TestCallbackThatASignInOvertakes has loaded the session when another callback
// signs in with it: its token is dead then.
func TestCallbackThatASignInOvertakes(t *testing.T) {
	w := start(t)
	b := w.browser()
	first, second := b.choose(b.leave(""), "1"), b.choose(b.leave(""), "1")
	late := w.browser()
	late.plant(b.token())
	var began atomic.Bool
	w.store.Hook = func(op, _ string) {
		if op == "save" && began.CompareAndSwap(false, true) {
			want(t, "the faster one", b.get(first).status, http.StatusSeeOther)
		}
	}
	got := late.get(second)
	want(t, "the slower one", got.status, http.StatusBadRequest)
	want(t, "page", got.element("failure"), "This sign-in is over")
	want(t, "who it is", late.who(), "stranger")
	want(t, "who the faster one is", b.who(), "Ann Example")
	want(t, "the same with the newer cookie", b.get(second).status, http.StatusSeeOther)
}

func TestCodeIsGoodOnlyWhereItWasAskedFor(t *testing.T) {
	w := start(t)
	ann, eve := w.browser(), w.browser()
	stolen := query(ann.choose(ann.leave(""), "1"), "code")
	hers := changed(eve.choose(eve.leave(""), "2"), "code", stolen)
	got := eve.get(hers) // state and browser are right, and only PKCE tells
	want(t, "status", got.status, http.StatusForbidden)
	want(t, "page", got.element("failure"), "You're not signed in")
	want(t, "who", eve.who(), "stranger")

	bob := w.browser()
	other := changed(bob.leave(""), "code_challenge", oauth2.S256ChallengeFromVerifier(oauth2.GenerateVerifier()))
	want(t, "challenge of another verifier", bob.get(bob.choose(other, "2")).status, http.StatusForbidden)
	want(t, "who", bob.who(), "stranger")
	want(t, "and then", bob.signIn("2").to, "/account")
}

func TestPlantedTokenGainsNothing(t *testing.T) {
	w := start(t)
	eve, ann := w.browser(), w.browser()
	hers := eve.choose(eve.leave(""), "2")
	ann.plant(eve.token())
	want(t, "Ann", ann.signIn("1").status, http.StatusSeeOther)
	want(t, "token is another", ann.token() != eve.token(), true)
	want(t, "who Eve is", eve.who(), "stranger")
	want(t, "Eve at the account", eve.get("/account").status, http.StatusSeeOther)

	// The attempt that Eve has begun is in Ann's session.
	got := ann.get(hers)
	want(t, "Ann opens Eve's callback", got.status, http.StatusConflict)
	want(t, "page", got.element("failure"), "Another user is signed in")
	want(t, "who Ann is", ann.who(), "Ann Example")
}

func TestAnotherSiteCannotBeginASignIn(t *testing.T) {
	w := start(t)
	b := w.browser()
	got := b.do("POST", "/login", url.Values{}, "Sec-Fetch-Site", "cross-site")
	want(t, "form of another site", got.status, http.StatusForbidden)
	want(t, "link of another site", b.get("/login?next=/account").status, http.StatusOK)
	want(t, "session", b.token(), "")
}

func TestVisitorWhoIsLateBeginsAgain(t *testing.T) {
	w := start(t)
	b := w.browser()
	there := b.leave("")
	b.session(func(s *sessions.Session) {
		_, err := attemptKey(query(there, "state")).Update(s, func(a attempt) attempt {
			a.Began = a.Began.Add(-attemptTime - time.Second)
			return a
		})
		want(t, "error", err, nil)
	})
	want(t, "callback", b.get(b.choose(there, "1")).status, http.StatusBadRequest)
	want(t, "who", b.who(), "stranger")
	want(t, "requests for a token", w.asked(), 0)
}

func TestLateAttemptsAreDropped(t *testing.T) {
	b := start(t).browser()
	first := attemptKey(query(b.leave(""), "state"))
	b.session(func(s *sessions.Session) {
		_, err := first.Update(s, func(a attempt) attempt { a.Began = time.Time{}; return a })
		want(t, "error", err, nil)
	})
	second := attemptKey(query(b.leave(""), "state"))
	b.session(func(s *sessions.Session) {
		want(t, "late", s.Has(string(first)), false)
		want(t, "new", s.Has(string(second)), true)
	})
}

func TestVisitorKeepsAFewAttempts(t *testing.T) {
	w := start(t)
	b := w.browser()
	var tabs []string
	for range maxAttempts + 2 {
		tabs = append(tabs, b.leave("/"+strings.Repeat("x", 2000)))
	}
	want(t, "the oldest but one", b.get(b.choose(tabs[1], "1")).status, http.StatusBadRequest)
	want(t, "the next", b.get(b.choose(tabs[2], "1")).status, http.StatusSeeOther)
	want(t, "the last", b.get(b.choose(tabs[maxAttempts+1], "1")).status, http.StatusSeeOther)
}
