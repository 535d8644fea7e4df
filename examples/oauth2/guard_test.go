package main

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// asks is a request, and how it is answered.
type asks struct {
	method, address, body string
	status                int
}

func (b *browser) wantGuarded(a asks, header ...string) {
	b.w.t.Helper()
	r, err := http.NewRequest(a.method, a.address, strings.NewReader(a.body))
	if err != nil {
		b.w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := b.Do(r)
	if err != nil {
		b.w.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	what := a.method + " " + a.address
	want(b.w.t, what, resp.StatusCode, a.status)
	for name, value := range map[string]string{
		"Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
	} {
		want(b.w.t, what+": "+name, resp.Header.Get(name), value)
	}
	policy := resp.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "form-action 'self' http://", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, part) {
			b.w.t.Errorf("%s: the policy %q lacks %q", what, policy, part)
		}
	}
}

func TestR125_EveryAnswerTellsBrowsersWhatPagesMayDo(t *testing.T) {
	w := start(t)
	b := w.browser()
	large := "next=" + strings.Repeat("a", maxBody)
	for _, a := range []asks{
		{"GET", w.url + "/", "", 200},
		{"GET", w.url + "/style.css", "", 200},
		{"GET", w.url + "/login", "", 200},
		{"GET", w.url + "/account", "", 303},
		{"GET", w.url + "/nothing", "", 404},
		{"GET", w.url + "/logout", "", 405},
		{"GET", w.url + callbackPath + "?state=made-up", "", 400},
		{"POST", w.url + "/login", "", 303},
		{"POST", w.url + "/login", large, 413},
		{"POST", w.url + "/login", "next=%zz", 400},
		{"POST", w.url + "/logout", "", 303},
		{"GET", w.provider.URL + "/authorize", "", 400},
		{"POST", w.provider.URL + "/authorize", large, 413},
		{"GET", b.leave(""), "", 200},
	} {
		b.wantGuarded(a)
	}
	b.wantGuarded(asks{"POST", w.url + "/login", "", 403}, "Sec-Fetch-Site", "cross-site")
	b.leave("")
	w.store.Fault = func(int, string) faultstore.Fault { return faultstore.Before }
	b.wantGuarded(asks{"GET", w.url + "/", "", 503})
}

func TestR125_AttemptsOfStrangersAreKeptForTenMinutes(t *testing.T) {
	b := start(t).browser()
	b.leave("")
	b.session(func(s *sessions.Session) {
		if left := time.Until(s.Expires()); left > attemptTime || left < attemptTime-time.Minute {
			t.Errorf("the session of an attempt ends in %v", left)
		}
	})
	b.signIn("1")
	b.do("POST", "/login", url.Values{}) // a user begins an attempt, too
	b.session(func(s *sessions.Session) {
		if left := time.Until(s.Expires()); left < attemptTime+time.Minute {
			t.Errorf("the session of a user ends in %v", left)
		}
	})
}

func TestR125_NoSlowClientHoldsOnToTheServer(t *testing.T) {
	s := newServer(http.NotFoundHandler())
	for name, timeout := range map[string]time.Duration{
		"ReadHeaderTimeout": s.ReadHeaderTimeout, "ReadTimeout": s.ReadTimeout, "WriteTimeout": s.WriteTimeout, "IdleTimeout": s.IdleTimeout,
	} {
		if timeout <= 0 {
			t.Errorf("%s is not set", name)
		}
	}
	want(t, "time to ask the provider", newClient(10*time.Second).Timeout < s.WriteTimeout, true)
}
