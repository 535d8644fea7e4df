package test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
)

// Requests in which no session may begin.

// crossing returns a request as a browser sends it for another site.
func crossing(method, mode, dest string) *http.Request {
	r := httptest.NewRequest(method, "https://example.com/app", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Sec-Fetch-Mode", mode)
	r.Header.Set("Sec-Fetch-Dest", dest)
	return r
}

// TestR96_RequestsOfOtherSitesReplaceNoLogin: a visitor who comes back from a
// payment page by a form has a cookie that SameSite withholds, and keeps it.
func TestR96_RequestsOfOtherSitesReplaceNoLogin(t *testing.T) {
	const lax, strict, none = http.SameSiteLaxMode, http.SameSiteStrictMode, http.SameSiteNoneMode
	for name, tc := range map[string]struct {
		r        *http.Request
		sameSite http.SameSite
		page     handler
		begins   bool
	}{
		"form, Lax":               {crossing("POST", "navigate", "document"), lax, count, false},
		"form, Strict":            {crossing("POST", "navigate", "document"), strict, count, false},
		"form, None":              {crossing("POST", "navigate", "document"), none, count, true},
		"script, Lax":             {crossing("GET", "cors", "empty"), lax, count, false},
		"image, Lax":              {crossing("GET", "no-cors", "image"), lax, count, false},
		"frame, Lax":              {crossing("GET", "navigate", "iframe"), lax, count, false},
		"frame, None":             {crossing("GET", "navigate", "iframe"), none, count, true},
		"link, Lax":               {crossing("GET", "navigate", "document"), lax, count, true},
		"link, Strict":            {crossing("GET", "navigate", "document"), strict, count, false},
		"login by a form, Lax":    {crossing("POST", "navigate", "document"), lax, signIn("ann"), true},
		"login by a form, Strict": {crossing("POST", "navigate", "document"), strict, signIn("ann"), true},
	} {
		a := newApp(t, sessions.Options{Cookie: sessions.CookieOptions{SameSite: tc.sameSite}})
		resp := a.browser(tc.page).do(tc.r)
		want(t, name+": status", resp.StatusCode, 200)
		want(t, name+": cookies", len(resp.Cookies()) == 1, tc.begins)
		want(t, name+": records", a.kept() == 1, tc.begins)
		want(t, name+": events", a.kinds(), map[bool]string{true: "created", false: "refused"}[tc.begins])
	}
}

// TestR96_CookieThatWasSentCounts: SameSite withheld nothing then.
func TestR96_CookieThatWasSentCounts(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	r := crossing("POST", "navigate", "document")
	r.AddCookie(&http.Cookie{Name: "__Host-id", Value: b.token()})
	want(t, "reply", text(a.browser(count).do(r)), "200 2")
	r = crossing("POST", "navigate", "document")
	r.AddCookie(&http.Cookie{Name: "__Host-id", Value: strings.Repeat("A", 48)})
	want(t, "a cookie that opens nothing: a session begins", len(a.browser(count).do(r).Cookies()), 1)
	r = crossing("POST", "navigate", "document")
	r.Header.Set("Authorization", "Bearer x")
	bearer := newApp(t, sessions.Options{Transports: []sessions.Transport{sessions.Bearer(), sessions.Cookie()}})
	want(t, "a bearer token begins one", bearer.browser(count).do(r).Header.Get("X-Session-Token") != "", true)
}

// TestR96_SaveInARefusedRequestSaysSo: and a Typed is not saved either.
func TestR96_SaveInARefusedRequestSaysSo(t *testing.T) {
	a := newApp(t, sessions.Options{})
	resp := a.browser(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		p := open(t, personKey, s)
		p.Data.Name = "Ann"
		err := s.Save(r.Context())
		want(t, "Save is ErrRefused", errors.Is(err, sessions.ErrRefused), true)
		want(t, "the error names the way out", strings.Contains(err.Error(), "303 See Other"), true)
		p.Data.Name = "Bob"
		w.WriteHeader(http.StatusNoContent)
	}).do(crossing("POST", "navigate", "document"))
	want(t, "status", resp.StatusCode, 204)
	want(t, "records", a.kept(), 0)
	want(t, "events", a.kinds(), "refused")
}

// TestR96_RefusedRequestIsForbidden: to send it again later would not help, as it
// does where BeforeCreate refuses.
func TestR96_RefusedRequestIsForbidden(t *testing.T) {
	a := newApp(t, sessions.Options{})
	resp := a.browser(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = counter.Set(s, 1)
		a.Error(w, r, s.Save(r.Context()))
	}).do(crossing("POST", "navigate", "document"))
	want(t, "status", resp.StatusCode, 403)
	want(t, "Retry-After", resp.Header.Get("Retry-After"), "")
	want(t, "events", a.kinds(), "refused")
}

// TestR96_OutsideOfTheCookiesPath: the browser would not send the cookie back.
func TestR96_OutsideOfTheCookiesPath(t *testing.T) {
	for _, tc := range []struct {
		path, stripped, target string
		begins                 bool
	}{
		{"/", "", "/", true},
		{"/app", "", "/app", true},
		{"/app", "", "/app/", true},
		{"/app", "", "/app/page?q=/x", true},
		{"/app", "", "/", false},
		{"/app", "", "/application", false},
		{"/app/", "", "/app", false},
		{"/app/", "", "/app/x", true},
		{"/app", "", "https://example.com/app/x", true},
		{"/app", "/app", "/x", true},
	} {
		a := newApp(t, sessions.Options{Cookie: sessions.CookieOptions{Name: "__Secure-id", Path: tc.path, StrippedPrefix: tc.stripped}})
		what := tc.target + " under " + tc.path + " behind " + tc.stripped
		resp := a.browser(count).do(httptest.NewRequest("GET", tc.target, nil))
		want(t, what, text(resp), "200 1")
		want(t, what+": cookies", len(resp.Cookies()) == 1, tc.begins)
		want(t, what+": records", a.kept() == 1, tc.begins)
	}
}

// TestR96_PathIsThatOfTheClient: below [http.StripPrefix] as well, in each form
// of a request (RFC 9112, section 3.2).
func TestR96_PathIsThatOfTheClient(t *testing.T) {
	for _, target := range []string{"/app/x", "/app/%78", "https://example.com/app/x", "https://example.com/app/x?y=/z"} {
		a := newApp(t, sessions.Options{Cookie: sessions.CookieOptions{Name: "__Secure-id", Path: "/app"}})
		w := httptest.NewRecorder()
		http.StripPrefix("/app", a.serve(count)).ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		want(t, target+": cookies", len(w.Result().Cookies()), 1)
	}
}

// TestR97_PlainHTTPIsToldOnce: a Secure cookie that the browser drops.
func TestR97_PlainHTTPIsToldOnce(t *testing.T) {
	with := func(name, value string) *http.Request {
		r := httptest.NewRequest("GET", "http://example.com/", nil)
		if name != "" {
			r.Header.Set(name, value)
		}
		return r
	}
	for name, tc := range map[string]struct {
		r      *http.Request
		opts   sessions.Options
		events string
	}{
		"plain":            {with("", ""), sessions.Options{}, "created misused created"},
		"TLS":              {httptest.NewRequest("GET", "https://example.com/", nil), sessions.Options{}, "created created"},
		"a proxy":          {with("X-Forwarded-Proto", "https"), sessions.Options{}, "created created"},
		"a standard proxy": {with("Forwarded", `for=192.0.2.1;proto=https`), sessions.Options{}, "created created"},
		"two proxies":      {with("X-Forwarded-Proto", "https, http"), sessions.Options{}, "created created"},
		"a quoting proxy":  {with("Forwarded", `for="[2001:db8::1]"; Proto="https"`), sessions.Options{}, "created created"},
		"a browser's TLS":  {with("Sec-Fetch-Site", "none"), sessions.Options{}, "created created"},
		"development":      {with("", ""), sessions.Options{Cookie: sessions.CookieOptions{InsecureHTTP: true}}, "created created"},
		"a bearer token":   {with("", ""), sessions.Options{Transports: []sessions.Transport{sessions.Bearer()}}, "created created"},
	} {
		a := newApp(t, tc.opts)
		for range 2 {
			want(t, name, text(a.browser(count).do(tc.r.Clone(t.Context()))), "200 1")
		}
		want(t, name+": events", a.kinds(), tc.events)
	}
}

// TestR97_PathThatLosesSessionsIsToldOnce: a proxy removes a prefix that the
// options do not name, and every request is outside of the cookie's path.
func TestR97_PathThatLosesSessionsIsToldOnce(t *testing.T) {
	a := newApp(t, sessions.Options{Cookie: sessions.CookieOptions{Name: "__Secure-id", Path: "/app"}})
	for range 2 {
		want(t, "reply", text(a.browser(count).do(httptest.NewRequest("GET", "/page", nil))), "200 1")
	}
	events := a.told()
	want(t, "the remedy", strings.Contains(events[1].Err.Error(), "set CookieOptions.StrippedPrefix"), true)
	kinds := ""
	for _, e := range events {
		kinds += string(e.Kind) + " "
	}
	want(t, "events", kinds, "refused misused refused ")
}

// TestR97_TwoManagersOfOneCookieAreToldOnce: each would overwrite the other's.
func TestR97_TwoManagersOfOneCookieAreToldOnce(t *testing.T) {
	header := []sessions.Transport{sessions.Header("X-Token")}
	for name, tc := range map[string]struct {
		inner  sessions.Options
		events string
	}{
		"one name":    {sessions.Options{}, "misused"},
		"two names":   {sessions.Options{Cookie: sessions.CookieOptions{Name: "__Host-b"}}, ""},
		"no cookie":   {sessions.Options{Transports: header}, ""},
		"one between": {sessions.Options{Namespace: "other"}, "misused"},
	} {
		a, b := newApp(t, sessions.Options{}), newApp(t, tc.inner)
		var h http.Handler = b.Handler(http.HandlerFunc(hello))
		if name == "one between" {
			h = newApp(t, sessions.Options{Transports: header}).Handler(h)
		}
		for range 2 {
			a.Handler(h).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		}
		want(t, name+": events", a.kinds()+b.kinds(), tc.events)
	}
}

// TestR98_BeforeCreateCanRefuse: a limit of new sessions turns a flood into
// error pages, and the visitors who are known into none.
func TestR98_BeforeCreateCanRefuse(t *testing.T) {
	limit := errors.New("too many from this address")
	var calls int
	var refusal error
	a, b := fresh(t, sessions.Options{BeforeCreate: func(ctx context.Context) error {
		calls++
		if _, err := sessions.Load(ctx); err != nil {
			return err
		}
		return refusal
	}})
	want(t, "a first visit", text(b.visit(a, count)), "200 1")
	refusal = limit
	want(t, "a known visitor", text(b.visit(a, count)), "200 2")
	want(t, "calls", calls, 1)
	a.kinds()
	for name, page := range map[string]handler{"a visit": count, "a login": signIn("ann")} {
		resp := a.browser(page).visitOnce(a)
		want(t, name+": status", resp.StatusCode, 429)
		want(t, name+": cookies", len(resp.Cookies()), 0)
		want(t, name+": events", a.kinds(), "refused")
	}
	a.browser(func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = counter.Set(s, 1)
		err := s.Save(r.Context())
		want(t, "Save is ErrRefused", errors.Is(err, sessions.ErrRefused), true)
		want(t, "Save is the hook's error", errors.Is(err, limit), true)
		s.Destroy()
	}).visitOnce(a)
	refusal = sessions.ErrNotFound // whatever the error matches
	want(t, "an error that looks like another", a.browser(count).visitOnce(a).StatusCode, 429)
	want(t, "records", a.kept(), 1)
}

// TestR98_BeforeCreateCannotSave: the session waits for the hook, so it is told
// at once instead of never.
func TestR98_BeforeCreateCannotSave(t *testing.T) {
	const ticket = sessions.Key[string]("ticket")
	var a *app
	var calls int
	a, b := fresh(t, sessions.Options{BeforeCreate: func(ctx context.Context) error {
		s, err := a.Load(ctx)
		if err != nil {
			return err
		}
		calls++
		_, _, claimed := ticket.Claim(ctx, s)
		for what, err := range map[string]error{"Save": s.Save(ctx), "Reload": s.Reload(ctx), "Claim": claimed} {
			if err == nil || !strings.Contains(err.Error(), "BeforeCreate") {
				t.Errorf("%s: %v", what, err)
			}
		}
		return ticket.Set(s, "set by the hook")
	}})
	want(t, "reply", text(b.visit(a, count)), "200 1")
	want(t, "calls", calls, 1)
	want(t, "again", text(b.visit(a, count)), "200 2")
	a.within(b, func(_ context.Context, s *sessions.Session) {
		value, err := ticket.Get(s)
		want(t, "what the hook set", value, "set by the hook")
		want(t, "Get", err, nil)
	})
}

func (b *browser) visitOnce(a *app) *http.Response {
	return b.do(httptest.NewRequest("GET", "https://example.com/app", nil))
}

// TestR98_AnonymousSessionsEndEarlier: until somebody signs in.
func TestR98_AnonymousSessionsEndEarlier(t *testing.T) {
	for name, tc := range map[string]struct {
		page handler
		ends time.Duration
	}{
		"nobody":                 {count, 5 * time.Minute},
		"somebody":               {both(count, signIn("ann")), time.Hour},
		"somebody who signs out": {both(both(count, signIn("ann")), func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { _ = s.SetSubject("") }), 5 * time.Minute},
		"a policy of its own":    {both(count, expiring(sessions.Remember(2*time.Hour, year))), 2 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{AnonymousIdleTimeout: 5 * time.Minute})
				b.visit(a, tc.page)
				<-time.After(tc.ends - time.Second)
				want(t, "before its end", text(b.visit(a, count)) != "200 1", true)
				<-time.After(tc.ends - time.Second)
				want(t, "used, before its end", text(b.visit(a, count)) != "200 1", true)
				<-time.After(tc.ends)
				want(t, "at its end", text(b.visit(a, count)), "200 1")
			})
		})
	}
}

// TestR98_ShorterAnonymousTimeoutHoldsAtOnce: also for sessions that are stored,
// and a login lifts it at once.
func TestR98_ShorterAnonymousTimeoutHoldsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, count)
		c := a.browser(count)
		c.visit(a, signIn("ann"))
		<-time.After(10 * time.Minute)
		shorter := a.as(sessions.Options{AnonymousIdleTimeout: 5 * time.Minute})
		want(t, "nobody", shorter.see(b.token()), `200 "" 0`)
		want(t, "somebody", shorter.see(c.token()), `200 "ann" 0`)
	})
}

// TestR98_ValidFromEndsEverySession: that began before, whatever its policy.
func TestR98_ValidFromEndsEverySession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		old := map[string]*browser{}
		for name, page := range map[string]handler{
			"nobody": count, "somebody": signIn("ann"), "remembered": both(signIn("ann"), expiring(sessions.Remember(year, year))),
			"until a time": both(count, expiring(sessions.AtTime(time.Now().Add(year)))),
		} {
			old[name] = a.browser(page)
			old[name].visit(a, page)
		}
		again := a.browser(count)
		again.visit(a, count)
		<-time.After(time.Minute)
		from := time.Now()
		again.visit(a, signIn("bob"))
		now := a.as(sessions.Options{ValidFrom: from})
		for name, b := range old {
			want(t, name, now.see(b.token()), `200 "" 0`)
		}
		want(t, "signed in since", now.see(again.token()), `200 "bob" 1`)
		var listed int
		for _, err := range now.List(t.Context(), "ann") {
			want(t, "List", err, nil)
			listed++
		}
		want(t, "listed", listed, 0)
		b := now.browser(count)
		want(t, "a new visitor", text(b.visit(now, count)), "200 1")
		want(t, "again", text(b.visit(now, count)), "200 2")
	})
}

// TestR98_ValidFromIsExact: records hold milliseconds, and a session that began a
// moment before ends all the same.
func TestR98_ValidFromIsExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		<-time.After(100 * time.Microsecond)
		b.visit(a, signIn("ann"))
		<-time.After(100 * time.Microsecond)
		now := a.as(sessions.Options{ValidFrom: time.Now()})
		want(t, "began before", now.see(b.token()), `200 "" 0`)
		<-time.After(time.Millisecond)
		again := now.browser(count)
		again.visit(now, signIn("ann"))
		want(t, "signed in since", now.see(again.token()), `200 "ann" 0`)
	})
}
