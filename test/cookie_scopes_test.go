package test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions"
)

// sending returns a request with a Cookie header.
func sending(header string) *http.Request {
	r := httptest.NewRequest("GET", "https://example.com/", nil)
	r.Header.Set("Cookie", header)
	return r
}

// TestR93_OneGoodCookieAmongOthersIsUsed: empty, foreign, dead and quoted
// cookies of the same name lock nobody out.
func TestR93_OneGoodCookieAmongOthersIsUsed(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	good := "__Host-id=" + b.token()
	elsewhere, other := fresh(t, sessions.Options{})
	other.visit(elsewhere, count)
	unknown := "__Host-id=" + other.token()
	for _, header := range []string{
		good,
		"__Host-id=; " + good,
		good + "; __Host-id=",
		"__Host-id=of-another-application; " + good,
		good + "; __Host-id=of-another-application",
		unknown + "; " + good,
		good + "; " + unknown,
		"__Host-id=" + spoiled(b.token()) + "; " + good,
		`__Host-id="` + b.token() + `"`,
		`__Host-id="` + b.token() + `"; ` + good,
		strings.Repeat("__Host-id=x; ", 10) + good,
	} {
		want(t, header, text(a.browser(read).do(sending(header))), "200 1")
	}
	a.kinds()
	several := strings.Join([]string{unknown, "__Host-id=" + strings.Repeat("A", 48), "__Host-id=" + strings.Repeat("B", 48), "__Host-id=" + strings.Repeat("C", 48)}, "; ")
	a.store.Ops()
	want(t, "behind four others", text(a.browser(read).do(sending(several+"; "+good))), "200 0")
	want(t, "store calls", a.store.Ops(), "load load load load")
	want(t, "events", a.kinds(), "expired expired expired expired")
}

// TestR93_CookiesThatNoKeyHasMadeTakeNoPlace: whoever can add cookies cannot
// lock a visitor out of a site with keys by their number.
func TestR93_CookiesThatNoKeyHasMadeTakeNoPlace(t *testing.T) {
	for name, opts := range map[string]sessions.Options{
		"signed":    {SigningKeys: []sessions.Secret{secretKey("k", 32)}},
		"encrypted": {EncryptionKeys: []sessions.Secret{secretKey("k", 32)}},
	} {
		a, b := fresh(t, opts)
		b.visit(a, count)
		var junk []string
		for _, c := range "ABCDEFGH" {
			junk = append(junk, "__Host-id="+strings.Repeat(string(c), len(b.token())))
		}
		a.store.Ops()
		want(t, name, text(a.browser(read).do(sending(strings.Join(junk, "; ")+"; __Host-id="+b.token()))), "200 1")
		want(t, name+": store calls", a.store.Ops(), "load")
	}
}

// TestR93_TwoTokensOfOneSession: after a renewal in one scope of the cookie, the
// other has the token before; the current one counts, in any order.
func TestR93_TwoTokensOfOneSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, wait := range []time.Duration{0, time.Minute} {
			a, b := fresh(t, sessions.Options{EndOnReuse: true})
			b.visit(a, count)
			before := b.token()
			b.visit(a, renewing)
			b.visit(a, read)
			<-time.After(wait)
			a.kinds()
			for _, currentFirst := range []bool{false, true} {
				header := "__Host-id=" + before + "; __Host-id=" + b.token()
				if currentFirst {
					header = "__Host-id=" + b.token() + "; __Host-id=" + before
				}
				before = b.token()
				resp := a.browser(renewing).do(sending(header))
				want(t, "a renewal", resp.StatusCode, 200)
				want(t, "cookies", len(resp.Cookies()), 1)
				b.receive(resp)
				b.visit(a, read)
				<-time.After(wait)
			}
			want(t, "the session lives", text(b.visit(a, count)), "200 2")
		}
	})
}

// TestR93_DeadTokensAmongSeveralEndNothing: a token that was replaced may be the
// leftover of a scope that is no longer in use.
func TestR93_DeadTokensAmongSeveralEndNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{EndOnReuse: true})
		b.visit(a, count)
		before := b.token()
		b.visit(a, renewing)
		b.visit(a, read)
		<-time.After(time.Minute)
		a.kinds()
		want(t, "with a foreign one", text(a.browser(read).do(sending("__Host-id="+before+"; __Host-id="+strings.Repeat("A", 48)))), "200 0")
		want(t, "events", a.kinds(), "reused expired")
		want(t, "the session", a.see(b.token()), `200 "" 1`)
		a.kinds()
		want(t, "alone", text(a.browser(read).do(sending("__Host-id="+before))), "200 0")
		want(t, "events", a.kinds(), "reused destroyed")
	})
}

// TestR93_StoreThatIsDownIsNoAnonymousVisitor: also if another of the cookies
// is known to open nothing.
func TestR93_StoreThatIsDownIsNoAnonymousVisitor(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	a.store.Fault = failing("load", 1)
	wantDown(t, "reply", a.browser(read).do(sending("__Host-id=x; __Host-id="+strings.Repeat("A", 48)+"; __Host-id="+b.token())))
}

// TestR93_FormerScopesAreCleared: a site that changes Domain, Path or
// Partitioned leaves no second cookie behind.
func TestR93_FormerScopesAreCleared(t *testing.T) {
	a := newApp(t, sessions.Options{Cookie: sessions.CookieOptions{
		Name: "__Secure-id", Path: "/app", Former: []sessions.CookieScope{{Domain: "example.com"}, {Path: "/app", Partitioned: true}},
	}})
	attributes := func(resp *http.Response) (lines []string) {
		for _, line := range resp.Header["Set-Cookie"] {
			name, rest, _ := strings.Cut(line, "; ")
			if name != "__Secure-id=" {
				name = "__Secure-id=token"
			}
			lines = append(lines, name+"; "+rest)
		}
		return lines
	}
	cleared := []string{
		"__Secure-id=; Path=/; Domain=example.com; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; HttpOnly; Secure; SameSite=Lax",
		"__Secure-id=; Path=/app; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; HttpOnly; Secure; SameSite=Lax; Partitioned",
	}
	r := httptest.NewRequest("GET", "https://example.com/app/", nil)
	resp := a.browser(count).do(r)
	if diff := cmp.Diff(append(cleared[:2:2], "__Secure-id=token; Path=/app; HttpOnly; Secure; SameSite=Lax"), attributes(resp)); diff != "" {
		t.Errorf("a new session (-want +got)\n%s", diff)
	}
	r = httptest.NewRequest("GET", "https://example.com/app/", nil)
	r.AddCookie(resp.Cookies()[2])
	resp = a.browser(read).do(r)
	if diff := cmp.Diff([]string(nil), attributes(resp)); diff != "" {
		t.Errorf("a page that only reads (-want +got)\n%s", diff)
	}
	resp = a.browser(signOut).do(r.Clone(t.Context()))
	if diff := cmp.Diff(append(cleared[:2:2], "__Secure-id=; Path=/app; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; HttpOnly; Secure; SameSite=Lax"), attributes(resp)); diff != "" {
		t.Errorf("a logout (-want +got)\n%s", diff)
	}
}

// TestR94_TargetedCacheHeadersGoAsWell: a cache that heeds a header of its own
// does not look at Cache-Control (RFC 9213).
func TestR94_TargetedCacheHeadersGoAsWell(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	for name, page := range map[string]handler{"a cookie": count, "no cookie": read} {
		resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
			for _, header := range []string{"CDN-Cache-Control", "Cloudflare-CDN-Cache-Control", "Surrogate-Control", "Edge-Control", "X-Accel-Expires"} {
				w.Header().Set(header, "max-age=600")
			}
			page(w, r, s)
		})
		kept := 0
		for header := range resp.Header {
			if strings.HasSuffix(header, "-Control") && header != "Cache-Control" || header == "X-Accel-Expires" {
				kept++
			}
		}
		want(t, name+": targeted headers", kept, map[string]int{"a cookie": 0, "no cookie": 5}[name])
	}
}

// TestR95_LogoutRemovesADeadCookie: whoever signs out has no cookie afterwards,
// whatever it was worth; a page that reads removes nothing.
func TestR95_LogoutRemovesADeadCookie(t *testing.T) {
	elsewhere, other := fresh(t, sessions.Options{})
	other.visit(elsewhere, count)
	for name, value := range map[string]string{"unknown": other.token(), "malformed": "x", "of the right length": strings.Repeat("A", 48)} {
		a := newApp(t, sessions.Options{})
		want(t, name+": a read", cookieLine(a.browser(read).do(sending("__Host-id="+value))), "")
		resp := a.browser(signOut).do(sending("__Host-id=" + value))
		want(t, name+": a logout", maxAge(resp), "0")
		resp = a.browser(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
			s.Destroy()
			count(w, r, s)
		}).do(sending("__Host-id=" + value))
		want(t, name+": a new session afterwards", len(resp.Cookies()), 1)
		want(t, name+": it is kept", resp.Cookies()[0].Value != "", true)
		want(t, name+": records", a.kept(), 1)
	}
	a := newApp(t, sessions.Options{})
	want(t, "no cookie: a logout", cookieLine(a.browser(signOut).do(httptest.NewRequest("GET", "/", nil))), "")
}

// TestR93_WriteOnATokenThatDiedMomentsAgoIsAConflict: also beside a cookie that
// opens nothing, in any order.
func TestR93_WriteOnATokenThatDiedMomentsAgoIsAConflict(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	dead, unknown := "__Host-id="+b.token(), "__Host-id="+strings.Repeat("A", 48)
	b.visit(a, signIn("ann"))
	for _, header := range []string{dead + "; " + unknown, unknown + "; " + dead} {
		want(t, header, a.browser(count).do(sending(header)).StatusCode, http.StatusConflict)
	}
}
