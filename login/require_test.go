package login_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions/login"
)

// reply is what matters of a response.
type reply struct {
	Status   int
	Location string
}

func page(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

func (b *browser) reply(h http.Handler, r *http.Request) reply {
	resp := b.send(h, r)
	return reply{resp.StatusCode, resp.Header.Get("Location")}
}

func get(target string, header ...string) *http.Request {
	r := httptest.NewRequest("GET", target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func TestWhoIsNotSignedInIsShownTheWay(t *testing.T) {
	const browsers = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	unauthorized := reply{Status: http.StatusUnauthorized}
	to := func(location string) reply { return reply{http.StatusSeeOther, location} }
	for name, test := range map[string]struct {
		loginURL string
		r        *http.Request
		want     reply
	}{
		"browser":                {"/login", get("/a", "Accept", browsers), to("/login?next=%2Fa")},
		"curl":                   {"/login", get("/a", "Accept", "*/*"), to("/login?next=%2Fa")},
		"no Accept":              {"/login", get("/a"), to("/login?next=%2Fa")},
		"query":                  {"/login", get("/a?b=c&d=%26"), to("/login?next=%2Fa%3Fb%3Dc%26d%3D%2526")},
		"whole URL":              {"/login", get("https://example.com/a?b"), to("/login?next=%2Fa%3Fb")},
		"page with a query":      {"/login?lang=en&xnext=1;2", get("/a"), to("/login?lang=en&xnext=1;2&next=%2Fa")},
		"page with a fragment":   {"/login?lang=en#form", get("/a"), to("/login?lang=en&next=%2Fa#form")},
		"page on another host":   {"https://sso.example.com/", get("/a"), to("https://sso.example.com/?next=%2Fa")},
		"form":                   {"/login", httptest.NewRequest("POST", "/a", nil), to("/login")},
		"navigation":             {"/login", get("/a", "Accept", browsers, "Sec-Fetch-Mode", "navigate"), to("/login?next=%2Fa")},
		"no page":                {"", get("/a", "Accept", browsers), unauthorized},
		"fetch":                  {"/login", get("/a", "Accept", "*/*", "Sec-Fetch-Mode", "cors"), unauthorized},
		"HTMX":                   {"/login", get("/a", "Accept", browsers, "HX-Request", "true"), unauthorized},
		"XMLHttpRequest":         {"/login", get("/a", "X-Requested-With", "XMLHttpRequest"), unauthorized},
		"JSON client":            {"/login", get("/a", "Accept", "application/json, text/plain, */*"), unauthorized},
		"problem JSON":           {"/login", get("/a", "Accept", "application/problem+json"), unauthorized},
		"JSON in the body":       {"/login", get("/a", "Content-Type", "application/json"), unauthorized},
		"path that means a host": {"/login", get("https://example.com//evil.example/a"), to("/login")},
		"path with a backslash":  {"/login", get(`https://example.com/a?b=\`), to("/login")},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, login.Options{LoginURL: test.loginURL})
			resp := a.browser().send(a.RequireLogin(http.HandlerFunc(page)), test.r)
			want(t, "Cache-Control", resp.Header.Get("Cache-Control"), "no-store")
			got := reply{resp.StatusCode, resp.Header.Get("Location")}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestWhoIsSignedInPassesOrIsForbidden(t *testing.T) {
	a := newApp(t, login.Options{LoginURL: "/login"})
	perms, err := login.NewPermissions(a.Manager, a.users)
	wantErr(t, "NewPermissions", err, nil)
	predicate := func(ok bool, err error) func(http.Handler) http.Handler {
		return a.RequirePredicate(func(*http.Request, user) (bool, error) { return ok, err })
	}
	ann := a.browser()
	annSignedIn(ann)
	passes, forbidden := reply{Status: http.StatusNoContent}, reply{Status: http.StatusForbidden}
	for name, test := range map[string]struct {
		require func(http.Handler) http.Handler
		want    reply
	}{
		"login":                           {a.RequireLogin, passes},
		"a permission of hers":            {perms.Require("read"), passes},
		"one of her group":                {perms.Require("write"), passes},
		"both":                            {perms.Require("read", "write"), passes},
		"none":                            {perms.Require(), passes},
		"one she has not":                 {perms.Require("read", "admin"), forbidden},
		"predicate":                       {predicate(true, nil), passes},
		"false predicate":                 {predicate(false, nil), forbidden},
		"predicate that fails":            {predicate(true, errors.New("no answer")), reply{Status: http.StatusServiceUnavailable}},
		"predicate that wants a proof":    {predicate(true, login.ErrNotRecent), reply{http.StatusSeeOther, "/login?next=%2Fa"}},
		"predicate that finds her nobody": {predicate(true, login.ErrAnonymous), reply{http.StatusSeeOther, "/login?next=%2Fa"}},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, "ann", ann.reply(test.require(http.HandlerFunc(page)), get("/a")), test.want)
			want(t, "nobody", a.browser().reply(test.require(http.HandlerFunc(page)), get("/a")), reply{http.StatusSeeOther, "/login?next=%2Fa"})
		})
	}
}

// TestWhoCannotBeAskedForIsNotSentAway: neither to the login page nor through.
func TestWhoCannotBeAskedForIsNotSentAway(t *testing.T) {
	a := newApp(t, login.Options{LoginURL: "/login"})
	perms, err := login.NewPermissions(a.Manager, a.users)
	wantErr(t, "NewPermissions", err, nil)
	b := a.browser()
	annSignedIn(b)
	outages := map[string]func(){
		"backend": func() { a.users.down = errors.New("no answer") },
		"store":   func() { a.store.Fault = faultAll() },
	}
	for name, require := range map[string]func(http.Handler) http.Handler{
		"login": a.RequireLogin, "permission": perms.Require("read"), "recent": a.RequireRecent(time.Hour),
		"predicate": a.RequirePredicate(func(*http.Request, user) (bool, error) { return true, nil }),
	} {
		for what, down := range outages {
			h := require(http.HandlerFunc(page))
			want(t, name, b.reply(h, get("/a")).Status, http.StatusNoContent)
			down()
			want(t, name+" without the "+what, b.reply(h, get("/a")), reply{Status: http.StatusServiceUnavailable})
			a.users.down, a.store.Fault = nil, nil
		}
	}
}

func TestAuthorizerThatFailsIsNotNo(t *testing.T) {
	a := newApp(t, login.Options{})
	perms, err := login.NewPermissions(a.Manager, a.users)
	wantErr(t, "NewPermissions", err, nil)
	b := a.browser()
	annSignedIn(b)
	a.told()
	b.post(func(r *http.Request) (string, error) {
		_, _, err := a.User(r.Context())
		wantErr(t, "User", err, nil)
		a.users.down = errors.New("no answer")
		_, err = perms.HasPermission(r.Context(), "read")
		wantErr(t, "HasPermission", err, login.ErrBackend)
		a.users.down = nil
		ok, err := perms.HasPermission(r.Context(), "read")
		wantErr(t, "HasPermission once it works", err, nil)
		want(t, "HasPermission once it works", ok, true)
		granted, err := perms.Granted(r.Context())
		wantErr(t, "Granted", err, nil)
		if diff := cmp.Diff(map[string]bool{"read": true, "write": true}, granted); diff != "" {
			t.Errorf("Granted: -want +got:\n%s", diff)
		}
		delete(granted, "read")
		ok, _ = perms.HasPermission(r.Context(), "read")
		want(t, "after a change of what Granted returned", ok, true)
		wantErr(t, "Logout", a.Logout(r.Context()), nil)
		ok, err = perms.HasPermission(r.Context(), "read")
		wantErr(t, "HasPermission after a logout", err, nil)
		want(t, "HasPermission after a logout", ok, false)
		return "", nil
	})
	want(t, "events", a.told(), "failed:ann logout:ann")

	annSignedIn(b)
	silent, err := login.NewPermissions(a.Manager, silent{})
	wantErr(t, "NewPermissions", err, nil)
	want(t, "Require", b.reply(silent.Require("read")(http.HandlerFunc(page)), get("/a")).Status, http.StatusServiceUnavailable)
	var none *users
	_, err = login.NewPermissions(a.Manager, none)
	want(t, "without an authorizer", err != nil, true)
}

// silent is an authorizer that fails.
type silent struct{}

func (silent) UserPermissions(context.Context, user) ([]string, error) { return nil, nil }
func (silent) GroupPermissions(context.Context, user) ([]string, error) {
	return nil, errors.New("no answer")
}

func TestPermissionsAreThoseOfTheUserNow(t *testing.T) {
	a := newApp(t, login.Options{})
	perms, err := login.NewPermissions(a.Manager, a.users)
	wantErr(t, "NewPermissions", err, nil)
	b := a.browser()
	annSignedIn(b)
	b.post(func(r *http.Request) (string, error) {
		may := func() bool {
			ok, err := perms.HasPermission(r.Context(), "admin")
			wantErr(t, "HasPermission", err, nil)
			return ok
		}
		want(t, "before", may(), false)
		u := a.ann()
		u.Perms = []string{"admin"}
		wantErr(t, "Confirm", a.Confirm(r.Context(), u), nil)
		want(t, "of the user who was confirmed", may(), true)
		wantErr(t, "Login", a.Login(r.Context(), user{Name: "bob"}, login.Details{}), nil)
		want(t, "of somebody else", may(), false)
		return "", nil
	})
}

func TestRecentProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, login.Options{LoginURL: "/login", ConfirmURL: "/confirm"})
		b := a.browser()
		sudo := a.RequireRecent(10 * time.Minute)(http.HandlerFunc(page))
		want(t, "nobody", b.reply(sudo, get("/a")), reply{http.StatusSeeOther, "/login?next=%2Fa"})
		annSignedIn(b)
		want(t, "after a login", b.reply(sudo, get("/a")).Status, http.StatusNoContent)
		time.Sleep(10*time.Minute + 1)
		want(t, "later", b.reply(sudo, get("/a")), reply{http.StatusSeeOther, "/confirm?next=%2Fa"})
		want(t, "later, by a script", b.reply(sudo, get("/a", "Accept", "application/json")), reply{Status: http.StatusUnauthorized})
		b.set("cart", "tea")
		before := b.copy()
		want(t, "confirm", b.post(func(r *http.Request) (string, error) {
			u, err := a.Authenticate(r.Context(), password{"ann", "ann's"})
			if err != nil {
				return "", err
			}
			return "", a.Confirm(r.Context(), u)
		}), "200")
		want(t, "after it", b.reply(sudo, get("/a")).Status, http.StatusNoContent)
		want(t, "values", b.get("cart"), "tea")
		want(t, "token before it", before.who(), "nobody")
		want(t, "by somebody else", b.post(func(r *http.Request) (string, error) {
			bob, _ := a.users.find("bob")
			wantErr(t, "Confirm", a.Confirm(r.Context(), bob), login.ErrCredentials)
			return "", nil
		}), "200")
		a.browser().post(func(r *http.Request) (string, error) {
			ann, _ := a.users.find("ann")
			wantErr(t, "Confirm by nobody", a.Confirm(r.Context(), ann), login.ErrAnonymous)
			ok, err := a.Recent(r.Context(), time.Hour)
			wantErr(t, "Recent by nobody", err, nil)
			want(t, "Recent by nobody", ok, false)
			return "", nil
		})
	})
}

func TestErrorHandlerOfTheApplicationAnswers(t *testing.T) {
	var a *app
	a = newApp(t, login.Options{LoginURL: "/login", ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
		if errors.Is(err, login.ErrForbidden) {
			http.Error(w, err.Error(), http.StatusTeapot)
			return
		}
		a.DefaultError(w, r, err)
	}})
	b := a.browser()
	never := a.RequirePredicate(func(*http.Request, user) (bool, error) { return false, nil })(http.HandlerFunc(page))
	want(t, "nobody", b.reply(never, get("/")), reply{http.StatusSeeOther, "/login?next=%2F"})
	annSignedIn(b)
	want(t, "ann", text(b.send(never, get("/"))), "418 login: forbidden")
}
