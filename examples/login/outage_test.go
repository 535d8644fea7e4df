package main

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestOutageIsAnErrorAndIsLogged(t *testing.T) {
	var logged bytes.Buffer
	c := quick()
	c.db, c.log = t.TempDir()+"/login.db", slog.New(slog.NewTextHandler(&logged, nil))
	s := newTestSite(t, c)
	server := httptest.NewServer(s.handler())
	b := newBrowser(t, server.URL).signUp("ann", annsPassword)
	token := b.cookie()
	if err := s.users.close(); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"/", "/account", "/devices"} {
		r := b.get(page)
		want(t, page, r.status, http.StatusServiceUnavailable)
		want(t, page+", its body", r.body, "Service Unavailable\n")
	}
	want(t, "sign in", b.post("/login", "name", "ann", "password", annsPassword).status, http.StatusServiceUnavailable)
	want(t, "sign up", newBrowser(t, server.URL).post("/signup", "name", "bob", "password", bobsPassword).status, http.StatusInternalServerError)
	want(t, "the cookie stays", b.cookie(), token)
	want(t, "style", b.get("/style.css").status, http.StatusOK)
	server.Close() // ends what logs
	for what, text := range map[string]string{"cause": "database is closed", "path": "path=/signup", "first login": "event.kind=login"} {
		want(t, what+" is logged", strings.Contains(logged.String(), text), true)
	}
	for what, text := range map[string]string{"password": annsPassword, "another": bobsPassword, "token": token} {
		want(t, what+" is logged", strings.Contains(logged.String(), text), false)
	}
}
