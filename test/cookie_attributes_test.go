package test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
)

// setCookies returns the Set-Cookie lines of a page, the value of ours as V.
func setCookies(a *app, b *browser, page handler) []string {
	lines := b.visit(a, page).Header["Set-Cookie"]
	for i, line := range lines {
		lines[i] = regexp.MustCompile(`=[\w-]{48,}`).ReplaceAllString(line, "=V")
	}
	return lines
}

func TestR7_TheDefaultCookie(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	want(t, "Set-Cookie", fmt.Sprint(setCookies(a, b, count)), "[__Host-id=V; Path=/; HttpOnly; Secure; SameSite=Lax]")
	want(t, "length of the value", len(b.token()), 48)
	want(t, "at the next write", fmt.Sprint(setCookies(a, b, count)), "[]")
}

func TestR15_CookieAttributesAreThoseOfTheOptions(t *testing.T) {
	for line, opts := range map[string]sessions.Options{
		"id=V; Path=/; HttpOnly; SameSite=Lax":                                          {Cookie: sessions.CookieOptions{InsecureHTTP: true}},
		"__Host-id=V; Path=/; Secure; SameSite=Lax":                                     {Cookie: sessions.CookieOptions{InsecureScriptAccess: true}},
		"__Host-id=V; Path=/; HttpOnly; Secure; SameSite=Strict":                        {Cookie: sessions.CookieOptions{SameSite: http.SameSiteStrictMode}},
		"__Host-id=V; Path=/; HttpOnly; Secure; SameSite=None; Partitioned":             {Cookie: sessions.CookieOptions{SameSite: http.SameSiteNoneMode, Partitioned: true}},
		"__Secure-sid=V; Path=/app; Domain=example.com; HttpOnly; Secure; SameSite=Lax": {Cookie: sessions.CookieOptions{Name: "__Secure-sid", Domain: "example.com", Path: "/app"}},
		"__Host-Http-id=V; Path=/; HttpOnly; Secure; SameSite=Lax":                      {Cookie: sessions.CookieOptions{Name: "__Host-Http-id"}},
		"__Secure-id=V; Path=/; Domain=example.com; HttpOnly; Secure; SameSite=Lax":     {Cookie: sessions.CookieOptions{Name: "__Secure-id", Domain: "example.com"}},
		"__Host-id=V; Path=/; Max-Age=86400; HttpOnly; Secure; SameSite=Lax":            {Persistent: true},
		"__Host-id=V; Path=/; Max-Age=34560000; HttpOnly; Secure; SameSite=Lax":         {Persistent: true, Lifetime: 10_000 * time.Hour},
		"__Host-id=V; Path=/; Max-Age=2; HttpOnly; Secure; SameSite=Lax":                {Persistent: true, Lifetime: 1500 * time.Millisecond},
		"__Host-id=V; Path=/; Max-Age=1; HttpOnly; Secure; SameSite=Lax; Partitioned":   {Persistent: true, Lifetime: time.Millisecond, Cookie: sessions.CookieOptions{Partitioned: true}},
	} {
		t.Run(line, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, opts)
				want(t, "Set-Cookie", fmt.Sprint(setCookies(a, b, count)), "["+line+"]")
			})
		})
	}
}

func TestR11_PersistenceIsChosenPerSession(t *testing.T) {
	day := 24 * time.Hour
	for name, tc := range map[string]struct {
		opts   sessions.Options
		expiry func() sessions.Expiry
		maxAge int
	}{
		"by default with the browser": {sessions.Options{}, func() sessions.Expiry { return sessions.Expiry{} }, 0},
		"remember me":                 {sessions.Options{}, func() sessions.Expiry { return sessions.Remember(30*day, year) }, 30 * 86400},
		"ten years are 400 days":      {sessions.Options{}, func() sessions.Expiry { return sessions.Remember(3650*day, 3650*day) }, 34_560_000},
		"until a time":                {sessions.Options{}, func() sessions.Expiry { return sessions.AtTime(time.Now().Add(90*time.Minute + time.Millisecond)) }, 5401},
		"persistent, but for this":    {sessions.Options{Persistent: true}, func() sessions.Expiry { return sessions.OnSessionEnd }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, tc.opts)
				resp := b.visit(a, expiring(tc.expiry()))
				want(t, "Max-Age", resp.Cookies()[0].MaxAge, tc.maxAge)
			})
		})
	}
}

func TestR9_OneSetCookieOfOurName(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	own := func(w http.ResponseWriter) {
		http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark"})
		http.SetCookie(w, &http.Cookie{Name: "__Host-id", Value: "forged", Secure: true, Path: "/"})
		http.SetCookie(w, &http.Cookie{Name: "__Host-idx", Value: "other", Secure: true, Path: "/"})
	}
	b.visit(a, count)
	resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		own(w)
		for range 2 {
			if err := s.Renew(); err != nil {
				t.Error(err)
			}
			if err := s.Save(r.Context()); err != nil {
				t.Error(err)
			}
		}
		s.Destroy()
		if err := s.Save(r.Context()); err != nil {
			t.Error(err)
		}
		_ = counter.Set(s, 5)
	})
	var names []string
	for _, c := range resp.Cookies() {
		names = append(names, c.Name)
	}
	want(t, "cookies", strings.Join(names, " "), "theme __Host-idx __Host-id")
	want(t, "the last state", a.see(b.token()), `200 "" 5`)

	resp = b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) { own(w); s.Destroy() })
	want(t, "the last of three", resp.Header["Set-Cookie"][2], "__Host-id=; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; HttpOnly; Secure; SameSite=Lax")
}

func TestR10_RemovalRepeatsTheAttributes(t *testing.T) {
	const gone = "Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; "
	for line, opts := range map[string]sessions.Options{
		"__Host-id=; Path=/; " + gone + "HttpOnly; Secure; SameSite=Lax":                              {},
		"__Host-id=; Path=/; " + gone + "HttpOnly; Secure; SameSite=None; Partitioned":                {Cookie: sessions.CookieOptions{SameSite: http.SameSiteNoneMode, Partitioned: true}},
		"__Secure-sid=; Path=/app; Domain=example.com; " + gone + "HttpOnly; Secure; SameSite=Strict": {Cookie: sessions.CookieOptions{Name: "__Secure-sid", Domain: "example.com", Path: "/app", SameSite: http.SameSiteStrictMode}},
		"id=; Path=/; " + gone + "SameSite=Lax":                                                       {Cookie: sessions.CookieOptions{InsecureHTTP: true, InsecureScriptAccess: true}, Persistent: true},
	} {
		a, b := fresh(t, opts)
		b.visit(a, count)
		want(t, "Set-Cookie", fmt.Sprint(setCookies(a, b, signOut)), "["+line+"]")
	}
}

func TestR12_OnlyTheCookieCarriesTheToken(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	token := b.token()
	r := httptest.NewRequest("POST", "/?__Host-id="+token+"&id="+token, strings.NewReader("__Host-id="+token))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("X-Session", token)
	r.Header.Set("__Host-Id", token)
	stranger := a.browser(read)
	a.store.Ops()
	want(t, "reply", text(stranger.do(r)), "200 0")
	want(t, "store calls", a.store.Ops(), "")
}

func TestR13_TwoDifferentCookiesAreNone(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	mine := b.token()
	other := a.browser(count)
	other.get()
	theirs := other.token()
	a.store.Ops()
	a.kinds()
	for header, reply := range map[string]string{
		"__Host-id=" + theirs + "; __Host-id=" + mine: "200 0",
		"__Host-id=" + mine + "; __Host-id=" + theirs: "200 0",
		"__Host-id=x; __Host-id=" + mine:              "200 1",
		"__Host-id=" + mine + "; __Host-id=" + mine:   "200 1",
		"__host-id=" + theirs + "; __Host-id=" + mine: "200 1",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", header)
		want(t, header, text(a.browser(read).do(r)), reply)
	}
	want(t, "store calls", a.store.Ops(), "load load load load load load load")
	want(t, "events", a.kinds(), "rejected rejected")
}
