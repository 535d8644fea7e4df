package test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gosessions/sessions"
)

// TestHostileCookies sends what attackers and broken clients send. Each is
// served as anonymous: nothing is written, no cookie is set, nobody's session
// is touched.
func TestHostileCookies(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	good := b.token()
	elsewhere, other := fresh(t, sessions.Options{})
	other.visit(elsewhere, count)
	raw, _ := base64.RawURLEncoding.DecodeString(good)
	id := a.id(good)
	a.kinds()
	for name, tc := range map[string]struct{ cookie, ops string }{
		"empty value":              {"__Host-id=", ""},
		"no =":                     {"__Host-id", ""},
		"47 characters":            {"__Host-id=" + good[1:], ""},
		"49 characters":            {"__Host-id=" + good + "A", ""},
		"900 KB":                   {"__Host-id=" + strings.Repeat("A", 900_000), ""},
		"3001 cookies":             {strings.Repeat("a=1; ", 3000) + "__Host-id=" + good, ""},
		"last character changed":   {"__Host-id=" + spoiled(good), "load"},
		"right id, wrong secret":   {"__Host-id=" + good[:30] + strings.Repeat("A", 18), "load"},
		"unknown":                  {"__Host-id=" + other.token(), "load"},
		"all zero":                 {"__Host-id=" + strings.Repeat("A", 48), "load"},
		"padded":                   {"__Host-id=" + good + "=", ""},
		"standard alphabet":        {"__Host-id=" + strings.Repeat("+/", 24), ""},
		"quoted short":             {`__Host-id="` + good[2:] + `"`, ""},
		"space in it":              {"__Host-id=" + good[:20] + " " + good[21:], ""},
		"leading comma":            {"__Host-id=," + good[1:], ""},
		"other case of the name":   {"__host-id=" + good, ""},
		"nameless":                 {"=__Host-id=" + good, ""},
		"name with a suffix":       {"__Host-id2=" + good, ""},
		"id as the cookie":         {"__Host-id=" + id, ""},
		"id, filled up":            {"__Host-id=" + id + strings.Repeat("A", 22), "load"},
		"hex":                      {"__Host-id=" + hex.EncodeToString(raw)[:48], "load"},
		"path":                     {"__Host-id=../../etc/passwd", ""},
		"path of the right length": {"__Host-id=" + strings.Repeat("../../", 8), ""},
		"redis key":                {"__Host-id=a:b", ""},
		"wildcard":                 {"__Host-id=*", ""},
		"braces":                   {"__Host-id={x}", ""},
		"SQL":                      {"__Host-id=' OR 1=1--", ""},
		"operator":                 {"__Host-id=$ne", ""},
		"control bytes":            {"__Host-id=" + good[:47] + "\x00", ""},
		"not ASCII":                {"__Host-id=" + good[:46] + "é", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a.store.Ops()
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Cookie", tc.cookie)
			resp := a.browser(read).do(r)
			want(t, "reply", text(resp), "200 0")
			want(t, "store calls", a.store.Ops(), tc.ops)
			want(t, "Set-Cookie", resp.Header.Get("Set-Cookie"), "")
		})
	}
	want(t, "the session afterwards", a.see(good), `200 "" 1`)
	for _, kind := range strings.Fields(a.kinds()) {
		if kind != "rejected" && kind != "expired" {
			t.Errorf("event %s", kind)
		}
	}
}

// spoiled returns a token with another last character.
func spoiled(token string) string {
	if strings.HasSuffix(token, "A") {
		return token[:47] + "B"
	}
	return token[:47] + "A"
}

func TestR63_FloodOfCookiesHarmsNobody(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Cookie", strings.Repeat("a=1; ", 5000)+"__Host-id="+b.token())
	resp := a.browser(signOut).do(r)
	want(t, "a logout in the flood", text(resp), "200 bye")
	want(t, "its cookie", resp.Header.Get("Set-Cookie"), "")
	want(t, "the session", a.see(b.token()), `200 "" 1`)
}

func TestR3_StoreHoldsNothingThatOpensASession(t *testing.T) {
	a := newApp(t, sessions.Options{})
	ids := map[string]bool{}
	a.store.Hook = func(_, id string) { ids[id] = true }
	var tokens []string
	for i := range 20 {
		b := a.browser(count)
		if i%2 == 0 {
			b.visit(a, signIn(fmt.Sprint("user", i)))
		}
		b.visit(a, count)
		if i%3 == 0 {
			b.visit(a, renewing)
		}
		tokens = append(tokens, b.token())
	}
	a.store.Hook = nil
	var dump bytes.Buffer
	var candidates []string
	for id := range ids {
		r, err := a.store.Store.Load(context.Background(), id)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(&dump, "%s %s %s\n", r.ID, r.Subject, r.Data)
		candidates = append(candidates, id)
		for i := range len(r.Data) - 36 { // anything in the record, as a token
			candidates = append(candidates, base64.RawURLEncoding.EncodeToString(r.Data[i:i+36]))
		}
		rawID, _ := base64.RawURLEncoding.DecodeString(tokens[0])
		candidates = append(candidates, base64.RawURLEncoding.EncodeToString(append(rawID[:4:4], r.Data[6:38]...)))
	}
	for _, token := range tokens {
		raw, _ := base64.RawURLEncoding.DecodeString(token)
		secret := raw[16:]
		for _, form := range []string{token, string(secret), hex.EncodeToString(secret), base64.StdEncoding.EncodeToString(secret), base64.RawURLEncoding.EncodeToString(secret)} {
			if strings.Contains(dump.String(), form) {
				t.Error("the store holds a token or its secret")
			}
		}
		want(t, "the token itself", a.see(token) != `200 "" 0`, true)
	}
	for _, c := range candidates {
		if got := a.see(c); got != `200 "" 0` {
			t.Fatalf("what the store holds opens a session: %s", got)
		}
	}
}

func TestR4_UnknownAndWrongLookTheSame(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	good := b.token()
	elsewhere, other := fresh(t, sessions.Options{})
	other.visit(elsewhere, count)
	var replies []string
	for _, token := range []string{other.token(), spoiled(good), good[:30] + other.token()[30:]} {
		for _, page := range []handler{whoami, signOut} {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Cookie", "__Host-id="+token)
			resp := a.browser(page).do(r)
			var all strings.Builder
			_ = resp.Header.Write(&all)
			body, _ := io.ReadAll(resp.Body)
			replies = append(replies, fmt.Sprint(resp.StatusCode, all.String(), string(body)))
		}
	}
	for i := range len(replies) - 2 {
		want(t, "reply", replies[i+2], replies[i])
	}
}

func TestR54_SessionsOfAnotherManagerAreNotAccepted(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	for name, opts := range map[string]sessions.Options{
		"another cookie":    {Cookie: sessions.CookieOptions{Name: "__Host-admin"}},
		"another namespace": {Namespace: "staging"},
	} {
		other := a.as(opts)
		c := other.browser(whoami)
		cookie := "__Host-id"
		if opts.Cookie.Name != "" {
			cookie = opts.Cookie.Name
		}
		c.cookies[cookie] = b.token()
		want(t, name, c.get(), `200 "" 0`)
	}
	same := a.as(sessions.Options{Cookie: sessions.CookieOptions{Name: "__Host-new"}, Namespace: "__Host-id"})
	c := same.browser(whoami)
	c.cookies["__Host-new"] = b.token()
	want(t, "the same namespace under another cookie", c.get(), `200 "" 1`)
	want(t, "the session where it belongs", a.see(b.token()), `200 "" 1`)
}

func TestR6_MalformedTokenCostsNoStoreCall(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	a.store.Ops()
	good := b.token()
	for name, bad := range map[string]string{
		"empty":          "",
		"short":          good[1:],
		"long":           good + "A",
		"huge":           strings.Repeat("A", 900_000),
		"padded":         good + "=",
		"other alphabet": "+/" + good[2:],
		"path":           "../../etc/passwd",
		"query":          "' OR 1=1--",
	} {
		b.cookies["__Host-id"] = bad
		b.h = a.Handler(sessions.HandlerFunc(read))
		want(t, name, b.get(), "200 0")
		want(t, name+": store calls", a.store.Ops(), "")
	}
}

// TestEmptyHeaderLineIsNoToken: it does not hide the token beside it.
func TestEmptyHeaderLineIsNoToken(t *testing.T) {
	const name = "X-Session-Token"
	a, b := fresh(t, sessions.Options{Transports: []sessions.Transport{sessions.Cookie(), sessions.Header(name)}})
	b.visit(a, count)
	r := httptest.NewRequest("GET", "https://example.com/", nil)
	r.Header[name] = []string{"", b.token()}
	w := httptest.NewRecorder()
	a.Handler(sessions.HandlerFunc(read)).ServeHTTP(w, r)
	want(t, "reply", text(w.Result()), "200 1")
}
