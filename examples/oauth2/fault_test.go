package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/faultstore"
)

func TestCallbackSaysWhyNobodyIsSignedIn(t *testing.T) {
	for name, tc := range map[string]struct {
		user   string
		change [][2]string
		status int
		title  string
	}{
		"visitor does not want to":     {"", nil, 403, "You're not signed in"},
		"provider has an error":        {"1", [][2]string{{"code", ""}, {"error", "server_error"}}, 502, "Sign-in is not available"},
		"provider refuses the site":    {"1", [][2]string{{"code", ""}, {"error", "unauthorized_client"}}, 502, "Sign-in is not available"},
		"neither code nor error":       {"1", [][2]string{{"code", ""}}, 502, "Sign-in is not available"},
		"unknown code":                 {"1", [][2]string{{"code", "made-up"}}, 403, "You're not signed in"},
		"no state":                     {"1", [][2]string{{"state", ""}}, 400, "This sign-in is over"},
		"unknown state":                {"1", [][2]string{{"state", "made-up"}}, 400, "This sign-in is over"},
		"unknown state with an error":  {"1", [][2]string{{"state", "made-up"}, {"error", "access_denied"}}, 400, "This sign-in is over"},
		"state that is another's key":  {"1", [][2]string{{"state", "login"}}, 400, "This sign-in is over"},
		"no issuer":                    {"1", [][2]string{{"iss", ""}}, 400, "This sign-in was mixed up"},
		"another issuer":               {"1", [][2]string{{"iss", "https://other.example"}}, 400, "This sign-in was mixed up"},
		"another issuer with an error": {"", [][2]string{{"iss", "https://other.example"}}, 400, "This sign-in was mixed up"},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t).browser()
			address := b.choose(b.leave(""), tc.user)
			for _, c := range tc.change {
				address = changed(address, c[0], c[1])
			}
			got := b.get(address)
			want(t, "status", got.status, tc.status)
			want(t, "page", got.element("failure"), tc.title)
			want(t, "who", b.who(), "stranger")
			want(t, "another try", b.signIn("1").to, "/account")
		})
	}
}

// says is a provider that answers one path in its own way.
func says(path string, f http.HandlerFunc) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path == path {
			next = f
		}
		next.ServeHTTP(w, r)
	}
}

// reply is an answer in JSON, in which %s is the code.
func reply(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, strings.ReplaceAll(body, "%s", r.FormValue("code")))
	}
}

func TestProviderThatFailsIsNoAnswer(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a redirect has led %s %s elsewhere", r.Method, r.URL.Path)
	}))
	defer elsewhere.Close()
	away := http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect).ServeHTTP
	slow := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	cut := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for name, tc := range map[string]struct {
		path   string
		f      http.HandlerFunc
		status int
		log    string // what it says of the reason
	}{
		"token: 500":             {"/token", reply(500, `code %s`), 502, "refused with status 500"},
		"token: page":            {"/token", reply(200, `<html>code %s`), 502, "the answer is no token"},
		"token: nothing":         {"/token", reply(200, `{}`), 502, "the answer is no token"},
		"token: own words":       {"/token", reply(400, `{"error":"odd","error_description":"code %s"}`), 502, "refused with status 400"},
		"token: error with 200":  {"/token", reply(200, `{"error":"bad_verification_code","error_description":"code %s"}`), 403, "the code was refused"},
		"token: wrong secret":    {"/token", reply(200, `{"error":"incorrect_client_credentials"}`), 502, "OAUTH2_CLIENT_SECRET"},
		"token: wrong callback":  {"/token", reply(400, `{"error":"redirect_uri_mismatch"}`), 502, "-url"},
		"token: redirect":        {"/token", away, 502, "refused with status 307"},
		"token: slow":            {"/token", slow, 502, "deadline exceeded"},
		"profile: slow":          {"/user", slow, 502, "deadline exceeded"},
		"profile: cut off":       {"/user", cut, 502, "EOF"},
		"profile: refused":       {"/user", reply(401, `{}`), 502, "profile: status 401"},
		"profile: page":          {"/user", reply(200, `<html>`), 502, "no profile"},
		"profile: no id":         {"/user", reply(200, `{"login":"ann"}`), 502, "no profile"},
		"profile: id as a text":  {"/user", reply(200, `{"id":"ann"}`), 502, "no profile"},
		"profile: without end":   {"/user", reply(200, `{"login":"`+strings.Repeat("a", 1<<21)+`","id":1}`), 502, "no profile"},
		"profile: redirect":      {"/user", away, 502, "profile: status 307"},
		"profile: of nobody's":   {"/user", reply(200, `{"id":0}`), 502, "no profile"},
		"profile: negative":      {"/user", reply(200, `{"id":-1}`), 502, "no profile"},
		"profile: two in a row":  {"/user", reply(200, `[{"id":1},{"id":2}]`), 502, "no profile"},
		"profile: half a number": {"/user", reply(200, `{"id":1.5}`), 502, "no profile"},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			b := w.browser()
			address := b.choose(b.leave(""), "1")
			if strings.HasSuffix(name, "slow") {
				w.site.provider.client.Timeout = 100 * time.Millisecond
			}
			w.set(says(tc.path, tc.f))
			got := b.get(address)
			want(t, "status", got.status, tc.status)
			want(t, "who", b.who(), "stranger")
			if !strings.Contains(w.heard(), tc.log) {
				t.Errorf("the log does not say %q: %s", tc.log, w.heard())
			}
			w.site.provider.client.Timeout = 10 * time.Second
			w.set(nil)
			want(t, "same callback", b.get(address).status, http.StatusBadRequest)
			want(t, "another try", b.signIn("1").to, "/account")
		})
	}
}

func TestProviderIsDown(t *testing.T) {
	w := start(t)
	ann, b := w.browser(), w.browser()
	ann.signIn("1")
	address := b.choose(b.leave(""), "1")
	w.provider.Close()
	got := b.get(address)
	want(t, "status", got.status, http.StatusBadGateway)
	want(t, "page", got.element("failure"), "Sign-in is not available")
	want(t, "log", strings.Contains(w.heard(), "connection refused"), true)
	want(t, "who was signed in before", ann.who(), "Ann Example")
}

// TestStoreIsDown makes each operation of a callback fail in turn: the visitor
// is told, and the browser signs in nobody by what it has got.
func TestStoreIsDown(t *testing.T) {
	for _, fault := range []faultstore.Fault{faultstore.Before, faultstore.After} {
		failed := 0
		for n := 1; n < 20; n++ {
			w := start(t)
			b := w.browser()
			address := b.choose(b.leave("/"), "1")
			count := 0
			w.store.Fault = func(int, string) faultstore.Fault {
				if count++; count >= n {
					return fault
				}
				return faultstore.None
			}
			got := b.get(address)
			w.store.Fault = nil
			if got.status == http.StatusSeeOther {
				want(t, "who", b.who(), "Ann Example")
				break
			}
			failed++
			want(t, fmt.Sprintf("operation %d: status", n), got.status, http.StatusServiceUnavailable)
			want(t, fmt.Sprintf("operation %d: who", n), b.who(), "stranger")
		}
		want(t, "several operations have failed", failed > 1, true)
	}
}
