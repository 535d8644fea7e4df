package test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

// answerHeader brings new tokens to clients that sent theirs as a bearer token.
const answerHeader = "X-Session-Token"

// script sends a request with header lines, given as name and value in turn, to
// a page, and returns the response. It keeps no cookies.
func runScript(a *app, page handler, lines ...string) *http.Response {
	r := httptest.NewRequest("POST", "https://example.com/", nil)
	for i := 0; i < len(lines); i += 2 {
		r.Header.Add(lines[i], lines[i+1])
	}
	w := httptest.NewRecorder()
	a.Handler(sessions.HandlerFunc(page)).ServeHTTP(w, r)
	return w.Result()
}

// wantTokenHeader checks whether a response has a token header, and that it
// sets no cookie.
func wantTokenHeader(t *testing.T, what string, resp *http.Response, name string, has bool) (token string) {
	t.Helper()
	want(t, what+": Set-Cookie", cookieLine(resp), "")
	want(t, what+": lines of "+name, len(resp.Header.Values(name)) == 1, has)
	return resp.Header.Get(name)
}

// TestR84_CookieAndBearerShareASession: the response answers in the transport
// that brought the token.
func TestR84_CookieAndBearerShareASession(t *testing.T) {
	shared := sessions.Options{Transports: []sessions.Transport{sessions.Cookie(), sessions.Bearer()}}
	// start returns an app, and a browser that has logged in and counted.
	start := func(t *testing.T, opts sessions.Options) (*app, *browser) {
		a, b := fresh(t, opts)
		resp := b.visit(a, both(count, signIn("ann")))
		want(t, "login: the cookie is set", cookieLine(resp) != "", true)
		want(t, "login: "+answerHeader, len(resp.Header.Values(answerHeader)), 0)
		a.kinds()
		return a, b
	}
	t.Run("a page and a script", func(t *testing.T) {
		a, b := start(t, shared)
		old := b.token()
		resp := runScript(a, whoami, "Authorization", "Bearer "+old)
		want(t, "read", text(resp), `200 "ann" 1`)
		wantTokenHeader(t, "read", resp, answerHeader, false)
		resp = runScript(a, count, "Authorization", "bearer  "+old+" ") // schemes are case-insensitive
		want(t, "write", text(resp), "200 2")
		wantTokenHeader(t, "write", resp, answerHeader, false)
		want(t, "the page", a.see(old), `200 "ann" 2`)

		resp = runScript(a, renewing, "Authorization", "Bearer "+old)
		want(t, "renewal", text(resp), "200 renewed")
		newer := wantTokenHeader(t, "renewal", resp, answerHeader, true)
		want(t, "renewal: the token is new", newer != "" && newer != old, true)
		want(t, "renewal: Cache-Control", resp.Header.Get("Cache-Control"), "no-store")
		want(t, "the new token as a bearer", text(runScript(a, whoami, "Authorization", "Bearer "+newer)), `200 "ann" 2`)
		want(t, "the new token as a cookie", a.see(newer), `200 "ann" 2`)

		resp = runScript(a, signOut, "Authorization", "Bearer "+newer)
		want(t, "logout", text(resp), "200 bye")
		want(t, "logout: token", wantTokenHeader(t, "logout", resp, answerHeader, true), "")
		want(t, "the page after the logout", a.see(newer), `200 "" 0`)
		want(t, "records", a.kept(), 0)
	})
	t.Run("a page logs out", func(t *testing.T) {
		a, b := start(t, shared)
		tok := b.token()
		resp := b.visit(a, signOut)
		want(t, "the browser's token", b.token(), "")
		want(t, answerHeader, len(resp.Header.Values(answerHeader)), 0)
		want(t, "the script", text(runScript(a, whoami, "Authorization", "Bearer "+tok)), `200 "" 0`)
	})
	t.Run("a script without a token gets it in the first transport", func(t *testing.T) {
		for first, opts := range map[string]sessions.Options{
			"Set-Cookie": shared,
			answerHeader: {Transports: []sessions.Transport{sessions.Bearer(), sessions.Cookie()}},
		} {
			a, _ := fresh(t, opts)
			resp := runScript(a, signIn("ann"))
			for _, name := range []string{"Set-Cookie", answerHeader} {
				want(t, first+" first: "+name, resp.Header.Get(name) != "", name == first)
			}
		}
	})
	t.Run("a header", func(t *testing.T) {
		a, b := start(t, sessions.Options{Transports: []sessions.Transport{sessions.Cookie(), sessions.Header("x-auth")}})
		old := b.token()
		want(t, "write", text(runScript(a, count, "X-Auth", old)), "200 2")
		newer := wantTokenHeader(t, "renewal", runScript(a, renewing, "X-Auth", old), "X-Auth", true)
		want(t, "the new token", text(runScript(a, whoami, "X-Auth", newer)), `200 "ann" 2`)
		want(t, "as a bearer", text(runScript(a, whoami, "Authorization", "Bearer "+newer)), `200 "" 0`)
		resp := runScript(a, signOut, "X-Auth", newer)
		want(t, "logout: token", wantTokenHeader(t, "logout", resp, "X-Auth", true), "")
		want(t, "Vary", strings.Join(resp.Header.Values("Vary"), ", "), "Cookie, X-Auth")
	})
}

// TestR84_CookieAndBearerInOneRequest: one with the form of a token is taken,
// and two of one kind are none.
func TestR84_CookieAndBearerInOneRequest(t *testing.T) {
	for order, transports := range map[string][]sessions.Transport{
		"cookie first": {sessions.Cookie(), sessions.Bearer()},
		"bearer first": {sessions.Bearer(), sessions.Cookie()},
	} {
		t.Run(order, func(t *testing.T) {
			a := newApp(t, sessions.Options{Transports: transports})
			tok := runScript(a, both(count, signIn("ann"))).Header
			mine := tok.Get(answerHeader)
			if mine == "" {
				line, _, _ := strings.Cut(tok.Get("Set-Cookie"), ";")
				_, mine, _ = strings.Cut(line, "=")
			}
			cookie := []string{"Cookie", "__Host-id=" + mine}
			for name, lines := range map[string][]string{
				"a malformed bearer":    {"Authorization", "Bearer nonsense"},
				"an empty bearer":       {"Authorization", "Bearer "},
				"another scheme":        {"Authorization", "Basic " + mine},
				"no scheme":             {"Authorization", mine},
				"two different bearers": {"Authorization", "Bearer " + mine, "Authorization", "Bearer " + spoiled(mine)},
			} {
				resp := runScript(a, renewing, append(lines, cookie...)...)
				want(t, name+": reply", text(resp), "200 renewed")
				want(t, name+": answers as a cookie", cookieLine(resp) != "", true)
				want(t, name+": "+answerHeader, len(resp.Header.Values(answerHeader)), 0)
				line, _, _ := strings.Cut(cookieLine(resp), ";")
				cookie = []string{"Cookie", line}
				_, mine, _ = strings.Cut(line, "=")
			}
			a.kinds()
			want(t, "one bearer twice", text(runScript(a, whoami, "Authorization", "Bearer "+mine, "Authorization", "Bearer "+mine)), `200 "ann" 1`)
			want(t, "events", a.kinds(), "")
			resp := runScript(a, whoami, "Authorization", "Bearer "+mine, "Authorization", "Bearer "+spoiled(mine))
			want(t, "two different bearers alone", text(resp), `200 "" 0`)
			want(t, "their events", a.kinds(), "rejected")
			want(t, "no scheme alone", text(runScript(a, whoami, "Authorization", mine)), `200 "" 0`)
		})
	}
}

// TestR84_TokenInAURLIsIgnored: URLs and forms end in logs and histories.
// TestR84_ValueWithoutTheFormOfAToken: it is rejected if no other transport
// brings a token, and the answer goes to the first that brought one.
func TestR84_ValueWithoutTheFormOfAToken(t *testing.T) {
	cookie, bearer := sessions.Cookie(), sessions.Bearer()
	garbageCookie, garbageBearer := []string{"Cookie", "__Host-id=garbage"}, []string{"Authorization", "Bearer garbage"}
	for name, tc := range map[string]struct {
		transports []sessions.Transport
		lines      []string
		answer     string
	}{
		"in the second of two":     {[]sessions.Transport{cookie, bearer}, garbageBearer, answerHeader},
		"in the first of two":      {[]sessions.Transport{cookie, bearer}, garbageCookie, "Set-Cookie"},
		"in both":                  {[]sessions.Transport{bearer, cookie}, append(garbageCookie, garbageBearer...), answerHeader},
		"and a ticket's transport": {[]sessions.Transport{bearer, sessions.Ticket("ticket")}, garbageBearer, answerHeader},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{Transports: tc.transports})
			resp := runScript(a, count, tc.lines...)
			want(t, "reply", text(resp), "200 1")
			for _, header := range []string{"Set-Cookie", answerHeader} {
				want(t, header, resp.Header.Get(header) != "", header == tc.answer)
			}
			want(t, "events", a.kinds(), "rejected created")
		})
	}
}

func TestR84_TokenInAURLIsIgnored(t *testing.T) {
	a, b := fresh(t, sessions.Options{Transports: []sessions.Transport{sessions.Cookie(), sessions.Bearer(), sessions.Header("X-Auth")}})
	b.visit(a, both(count, signIn("ann")))
	form := url.Values{}
	for _, name := range []string{"__Host-id", "id", "token", "access_token", "Authorization", "X-Auth", answerHeader} {
		form.Set(name, b.token())
	}
	a.store.Ops()
	r := httptest.NewRequest("POST", "https://example.com/?"+form.Encode(), strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set(answerHeader, b.token()) // that of responses alone
	w := httptest.NewRecorder()
	a.Handler(sessions.HandlerFunc(whoami)).ServeHTTP(w, r)
	want(t, "reply", text(w.Result()), `200 "" 0`)
	want(t, "store calls", a.store.Ops(), "")
	want(t, "Vary", strings.Join(w.Result().Header.Values("Vary"), ", "), "Cookie, Authorization, X-Auth")
	resp := runScript(a, func(w http.ResponseWriter, _ *http.Request, _ *sessions.Session) {}, "Cookie", "a=b")
	want(t, "Vary of a page that reads nothing", strings.Join(resp.Header.Values("Vary"), ", "), "Cookie, Authorization, X-Auth")
}

// TestR84_BadTransportsAreRefused by New.
func TestR84_BadTransportsAreRefused(t *testing.T) {
	for name, transports := range map[string][]sessions.Transport{
		"an empty header":      {sessions.Header("")},
		"the zero Transport":   {{}},
		"a name with a space":  {sessions.Header("X Auth")},
		"a name with a colon":  {sessions.Header("X-Auth:")},
		"the cookie's header":  {sessions.Header("Cookie")},
		"Set-Cookie":           {sessions.Header("set-cookie")},
		"a bare Authorization": {sessions.Header("authorization")},
		"Vary":                 {sessions.Header("Vary")},
		"cookie twice":         {sessions.Cookie(), sessions.Bearer(), sessions.Cookie()},
		"bearer twice":         {sessions.Bearer(), sessions.Bearer()},
		"a header twice":       {sessions.Header("X-Auth"), sessions.Header("x-auth")},
	} {
		if _, err := sessions.New(new(memstore.Store), sessions.Options{Transports: transports}); err == nil {
			t.Errorf("%s: New returned no error", name)
		}
	}
	m, err := sessions.New(new(memstore.Store), sessions.Options{
		Transports: []sessions.Transport{sessions.Header(answerHeader), sessions.Cookie()},
	})
	want(t, "good transports", m != nil && err == nil, true)
}
