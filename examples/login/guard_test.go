package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestR125_EveryAnswerTellsBrowsersWhatPagesMayDo(t *testing.T) {
	s := newTestSite(t, quick())
	b := browserFrom(t, s.handler(), "192.0.2.1:1").signUp("ann", annsPassword)
	guarded := func(what string, r reply, status int) {
		t.Helper()
		want(t, what, r.status, status)
		for name, value := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
			"Referrer-Policy":         "same-origin",
			"X-Content-Type-Options":  "nosniff",
		} {
			want(t, what+": "+name, r.header.Get(name), value)
		}
	}
	for path, status := range map[string]int{"/": 200, "/style.css": 200, "/devices": 200, "/admin": 403, "/nothing": 404, "/logout": 405} {
		guarded(path, b.get(path), status)
	}
	guarded("wrong password", b.post("/login", "name", "ann", "password", "wrong"), http.StatusUnauthorized)
	guarded("weak password", b.post("/signup", "name", "bob", "password", "passwordpassword"), http.StatusUnprocessableEntity)
	guarded("form of another site", b.do("POST", "/logout", nil, "Sec-Fetch-Site", "cross-site"), http.StatusForbidden)
	guarded("large form", b.post("/login", "name", "ann", "password", strings.Repeat("a", maxBody)), http.StatusRequestEntityTooLarge)
	guarded("query that is none", b.do("POST", "/login?%zz", url.Values{}), http.StatusBadRequest)
	guarded("sign out", b.post("/logout"), http.StatusSeeOther)
	if err := s.users.close(); err != nil {
		t.Fatal(err)
	}
	guarded("outage", b.post("/login", "name", "ann", "password", annsPassword), http.StatusServiceUnavailable)
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
}
