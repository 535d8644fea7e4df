package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSignUpSignOutSignIn(t *testing.T) {
	b := newBrowser(t, start(t, quick()))
	want(t, "at first", b.who(), "")
	b.signUp("Ann", annsPassword)
	want(t, "after signing up", b.who(), "ann")
	first := b.cookie()
	want(t, "sign out", b.post("/logout").to(), "See Other /goodbye")
	want(t, "after signing out", b.who(), "")
	want(t, "cookie", b.cookie(), "")
	b.signIn(" ANN ", annsPassword)
	want(t, "after signing in", b.who(), "ann")
	want(t, "another token", b.cookie() != first, true)
	token := b.cookie()
	b.signIn("ann", annsPassword)
	want(t, "another token at the next sign in", b.cookie() != token, true)
}

func TestFormThatIsSentTwiceSignsIn(t *testing.T) {
	b := newBrowser(t, start(t, quick())).signUp("ann", annsPassword)
	again := b.copy()
	b.signIn("ann", annsPassword)
	again.signIn("ann", annsPassword)
	want(t, "first cookie", b.who(), "ann")
	want(t, "second cookie", again.who(), "ann")
}

func TestSignOutThatEndsNothingSaysSo(t *testing.T) {
	b := newBrowser(t, start(t, quick())).signUp("ann", annsPassword)
	old := b.copy()
	b.signIn("ann", annsPassword) // in another tab
	r := old.post("/logout")
	want(t, "sign out", r.status, http.StatusConflict)
	want(t, "it says", strings.HasPrefix(r.text("error"), "You signed in or out in another tab"), true)
	want(t, "a script is told", old.do("POST", "/logout", nil, "Accept", "application/json").body, "Conflict\n")
	want(t, "the other tab", b.who(), "ann")
	want(t, "sign out there", b.post("/logout").to(), "See Other /goodbye")
}

func TestOnlyRememberMeOutlivesTheBrowser(t *testing.T) {
	url := start(t, quick())
	newBrowser(t, url).signUp("ann", annsPassword)
	for remember, persistent := range map[string]bool{"": false, "yes": true} {
		r := newBrowser(t, url).post("/login", "name", "ann", "password", annsPassword, "remember", remember)
		cookies := r.header.Values("Set-Cookie")
		cookie := cookies[slices.IndexFunc(cookies, func(c string) bool { return strings.HasPrefix(c, "id=") })]
		want(t, "Max-Age in "+cookie, strings.Contains(cookie, "Max-Age=2592000"), persistent)
	}
}

func TestR68_UnknownUserAndWrongPasswordLookTheSame(t *testing.T) {
	url := start(t, quick())
	try := func() reply {
		r := newBrowser(t, url).post("/login", "name", "ann", "password", "not the one of anybody", "next", "/devices")
		r.header.Del("Date")
		return r
	}
	unknown := try()
	want(t, "status", unknown.status, http.StatusUnauthorized)
	newBrowser(t, url).signUp("ann", annsPassword)
	wrong := try()
	want(t, "status", wrong.status, unknown.status)
	want(t, "page", wrong.body, unknown.body)
	want(t, "header", cmp.Diff(unknown.header, wrong.header), "")
	want(t, "it says", wrong.text("error"), "Wrong name or password. Try again, or sign up if you're new here.")
}

func TestSignUpIsRefusedWithTheReason(t *testing.T) {
	b := newBrowser(t, start(t, quick()))
	b.signUp("ann", annsPassword)
	b = newBrowser(t, b.url)
	for _, tc := range []struct{ name, password, reason string }{
		{"Ann", bobsPassword, "That name is taken"},
		{"", bobsPassword, "Use 2 to 30 letters"},
		{"a", bobsPassword, "Use 2 to 30 letters"},
		{"аnn", bobsPassword, "Use 2 to 30 letters"}, // a Cyrillic а
		{strings.Repeat("a", 31), bobsPassword, "Use 2 to 30 letters"},
		{"bob", "fourteen chars", "Use 15 to 256 characters"},
		{"bob", strings.Repeat("abcdef", 43), "Use 15 to 256 characters"},
		{"bob", "\xff\xfe is no text at all", "not valid text"},
	} {
		r := b.post("/signup", "name", tc.name, "password", tc.password)
		want(t, tc.name+" "+tc.password, r.status, http.StatusUnprocessableEntity)
		if got := r.text("error"); !strings.Contains(got, tc.reason) {
			t.Errorf("%q %q: got %q, want %q", tc.name, tc.password, got, tc.reason)
		}
		want(t, "nobody is signed in", b.who(), "")
	}
	for name, password := range map[string]string{
		"bob":       "Ünicode is übrigens fine",
		"long":      strings.Repeat("four random words in a row, ", 9) + "end.", // of 256 characters
		"lowercase": "purplegiraffestealscandy",
	} {
		newBrowser(t, b.url).signUp(name, password)
		newBrowser(t, b.url).signIn(name, password)
	}
	newBrowser(t, b.url).signIn("bob", "U\u0308nicode is u\u0308brigens fine") // as another keyboard sends it
}

func TestR68_VisitorsComeBackToThePageTheyWanted(t *testing.T) {
	b := newBrowser(t, start(t, quick()))
	b.signUp("ann", annsPassword).post("/logout")
	for _, page := range []string{"/devices", "/account?tab=1&x=%2F"} {
		r := b.get(page)
		want(t, page, r.status, http.StatusSeeOther)
		to, err := url.Parse(r.header.Get("Location"))
		if err != nil || to.Path != "/login" {
			t.Fatalf("%s leads to %q", page, r.header.Get("Location"))
		}
		form := b.get(to.String())
		next := to.Query().Get("next")
		want(t, "field of the form", strings.Contains(form.body, `name="next" value="`+strings.ReplaceAll(next, "&", "&amp;")+`"`), true)
		want(t, "sign in", b.post("/login", "name", "ann", "password", annsPassword, "next", next).to(), "See Other "+page)
		b.post("/logout")
	}
	for _, evil := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "javascript:alert(1)", "/\t/evil.example", "evil"} {
		want(t, "form for "+evil, strings.Contains(b.get("/login?next="+url.QueryEscape(evil)).body, `name="next" value=""`), true)
		want(t, evil, b.post("/login", "name", "ann", "password", annsPassword, "next", evil).to(), "See Other /account")
		b.post("/logout")
	}
}

func TestScriptsAreToldInsteadOfLedToAPage(t *testing.T) {
	b := newBrowser(t, start(t, quick()))
	for _, header := range [][]string{
		{"HX-Request", "true"}, {"Accept", "application/json"}, {"Sec-Fetch-Mode", "cors"}, {"X-Requested-With", "XMLHttpRequest"},
	} {
		r := b.do("GET", "/account", nil, header...)
		want(t, header[0], r.to(), "Unauthorized")
		want(t, header[0]+": cookies", r.header.Get("Set-Cookie"), "")
	}
	want(t, "a browser", b.get("/account").to(), "See Other /login?next=%2Faccount")
}

func TestPagesAreKeptOutOfCachesOnceSomebodyIsSignedIn(t *testing.T) {
	b := newBrowser(t, start(t, quick()))
	r := b.get("/")
	want(t, "for everybody", r.header.Get("Cache-Control"), "")
	for name, value := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Vary": "Cookie"} {
		want(t, name, r.header.Get(name), value)
	}
	b.signUp("ann", annsPassword)
	for _, page := range []string{"/", "/account", "/devices", "/password", "/confirm"} {
		want(t, page, b.get(page).header.Get("Cache-Control"), "no-store")
	}
	if r := b.get("/style.css"); r.status != http.StatusOK || r.header.Get("Cache-Control") != "" {
		t.Errorf("/style.css: %v", r.header)
	}
}

func TestBrowserIsToldToForgetAfterASignOut(t *testing.T) {
	b := newBrowser(t, start(t, quick())).signUp("ann", annsPassword)
	want(t, "signed in", strings.Contains(b.get("/goodbye").body, "/forget.css"), false)
	b.post("/logout")
	want(t, "signed out", strings.Contains(b.get("/goodbye").body, `<link rel="stylesheet" href="/forget.css">`), true)
	for from, clears := range map[string]string{"same-origin": `"cache"`, "cross-site": "", "same-site": "", "none": ""} {
		want(t, from, b.do("GET", "/forget.css", nil, "Sec-Fetch-Site", from).header.Get("Clear-Site-Data"), clears)
	}
}
