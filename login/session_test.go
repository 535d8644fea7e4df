package login_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

func TestRememberMe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, login.Options{RememberFor: 10 * 24 * time.Hour})
		cookie := func(d login.Details) (*browser, int) {
			b := a.browser()
			r := form("https://example.com/", nil)
			resp := b.send(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				ann, _ := a.users.find("ann")
				wantErr(t, "Login", a.Login(r.Context(), ann, d), nil)
			}), r)
			return b, resp.Cookies()[0].MaxAge
		}
		plain, age := cookie(login.Details{})
		want(t, "Max-Age of a plain login", age, 0)
		kept, age := cookie(login.Details{Remember: true})
		want(t, "Max-Age of one to remember", age, 10*24*60*60)
		time.Sleep(9 * 24 * time.Hour)
		want(t, "plain after 9 days", plain.who(), "nobody")
		want(t, "remembered after 9 days", kept.who(), "ann")
		time.Sleep(24 * time.Hour)
		want(t, "remembered after 10 days", kept.who(), "nobody")

		kept, _ = cookie(login.Details{Remember: true})
		want(t, "a plain login after it", kept.signIn("ann", login.Details{}), "200 hello ann")
		time.Sleep(2 * time.Hour)
		want(t, "that is the last word", kept.who(), "nobody")
	})
}

// TestRememberMeEnds after RememberFor in all, however often the session is
// used, and after RememberIdle without use.
func TestRememberMeEnds(t *testing.T) {
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		opts         login.Options
		used, unused int // days
	}{
		"by default":           {login.Options{}, 30, 30},
		"after RememberFor":    {login.Options{RememberFor: 10 * day}, 10, 10},
		"after RememberIdle":   {login.Options{RememberIdle: 7 * day}, 30, 7},
		"after either of them": {login.Options{RememberFor: 10 * day, RememberIdle: 7 * day}, 10, 7},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newApp(t, test.opts)
				used, once, unused := a.browser(), a.browser(), a.browser()
				for _, b := range []*browser{used, once, unused} {
					want(t, "login", b.signIn("ann", login.Details{Remember: true}), "200 hello ann")
				}
				for d := 1; d < test.used; d++ {
					time.Sleep(day)
					want(t, fmt.Sprint("used daily, on day ", d), used.who(), "ann")
					switch d {
					case test.unused - 1:
						want(t, "used for the first time", once.who(), "ann")
					case test.unused:
						want(t, "unused", unused.who(), "nobody")
					}
				}
				time.Sleep(day)
				want(t, "used daily, after the last day", used.who(), "nobody")
				want(t, "unused, after the last day", unused.who(), "nobody")
			})
		})
	}
}

// TestRememberMeStartsAgain when the user authenticates again.
func TestRememberMeStartsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, login.Options{})
		b := a.browser()
		want(t, "login", b.signIn("ann", login.Details{Remember: true}), "200 hello ann")
		time.Sleep(20 * 24 * time.Hour)
		want(t, "confirmation", b.post(func(r *http.Request) (string, error) { return "", a.Confirm(r.Context(), a.ann()) }), "200")
		time.Sleep(29 * 24 * time.Hour)
		want(t, "29 days later", b.who(), "ann")
		time.Sleep(24 * time.Hour)
		want(t, "30 days later", b.who(), "nobody")
	})
}

func TestPagesOfUsersStayOutOfCaches(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	annSignedIn(b)
	asks := func(w http.ResponseWriter, r *http.Request) { _, _, _ = a.User(r.Context()) }
	for name, test := range map[string]struct {
		b    *browser
		h    http.HandlerFunc
		want string
	}{
		"page of ann":        {b, asks, "no-store"},
		"page of nobody":     {a.browser(), asks, ""},
		"page for everybody": {b, func(http.ResponseWriter, *http.Request) {}, ""},
		"page with its own say": {b, func(w http.ResponseWriter, r *http.Request) {
			asks(w, r)
			w.Header().Set("Cache-Control", "private, max-age=60")
		}, "private, max-age=60"},
		"page that streams": {b, func(w http.ResponseWriter, r *http.Request) {
			asks(w, r)
			w.(http.Flusher).Flush()
		}, "no-store"},
	} {
		want(t, name, test.b.send(test.h, get("/")).Header.Get("Cache-Control"), test.want)
	}
}

func TestFormOfAnotherSiteDoesNothing(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	annSignedIn(b)
	a.store.Ops()
	for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
		r := form("https://example.com/logout", nil)
		r.Header.Set(header[0], header[1])
		resp := b.send(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			t.Error("the handler is called")
			_ = a.Logout(r.Context())
		}), r)
		want(t, fmt.Sprint(header), resp.StatusCode, http.StatusForbidden)
	}
	want(t, "operations", a.store.Ops(), "")
	want(t, "who", b.who(), "ann")
}

func TestHandlerTwiceIsOnce(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	annSignedIn(b)
	a.users.Asked()
	w := b.send(a.RequireLogin(a.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, _, _ := a.User(r.Context())
		_, _ = fmt.Fprint(w, u.Name)
	}))), get("/"))
	want(t, "reply", text(w), "200 ann")
	want(t, "questions", a.users.Asked(), "user")
}

func TestGoroutinesOfOneRequest(t *testing.T) {
	a := newApp(t, login.Options{})
	perms, err := login.NewPermissions(a.Manager, a.users)
	wantErr(t, "NewPermissions", err, nil)
	b := a.browser()
	annSignedIn(b)
	a.users.Asked()
	got := b.post(func(r *http.Request) (string, error) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				u, _, err := a.User(r.Context())
				if err != nil || u.Name != "ann" {
					t.Error(u, err)
				}
				if ok, err := perms.HasPermission(r.Context(), "write"); err != nil || !ok {
					t.Error(ok, err)
				}
			})
		}
		all.Wait()
		return "", nil
	})
	want(t, "reply", got, "200")
	want(t, "questions", a.users.Asked(), "user permissions groups")
}

func TestNothingSecretIsPrinted(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	annSignedIn(b)
	printed := fmt.Sprintf("%v %+v %#v %s", a.Manager, a.Manager, a.Manager, a.Manager)
	want(t, "printed", strings.Contains(printed, "{") || strings.Contains(printed, "\x01"), false)
	b.post(func(r *http.Request) (string, error) {
		_, _, err := a.User(r.Context())
		wantErr(t, "User", err, nil)
		if out := fmt.Sprintf("%v %+v %#v", r.Context(), r.Context(), r.Context()); strings.Contains(out, b.token()) || strings.Contains(out, "ann's") {
			t.Errorf("the context prints %s", out)
		}
		return "", nil
	})
}

func TestTwoLoginsInOneChain(t *testing.T) {
	staff, public := newApp(t, login.Options{}), newApp(t, login.Options{})
	var err error
	if staff.sessions, err = sessions.New(staff.store, sessions.Options{Cookie: sessions.CookieOptions{Name: "__Host-staff"}}); err != nil {
		t.Fatal(err)
	}
	if staff.Manager, err = login.New(staff.sessions, staff.users, login.Options{HashKeys: []sessions.Secret{key2}}); err != nil {
		t.Fatal(err)
	}
	for _, chain := range [][2]*app{{staff, public}, {public, staff}} {
		outer, inner := chain[0], chain[1]
		b := outer.browser()
		both := func(h http.HandlerFunc) string { return text(b.send(inner.Handler(h), get("/"))) }
		both(func(_ http.ResponseWriter, r *http.Request) {
			ann, _ := staff.users.find("ann")
			bob, _ := public.users.find("bob")
			wantErr(t, "Login", staff.Login(r.Context(), ann, login.Details{}), nil)
			wantErr(t, "Login", public.Login(r.Context(), bob, login.Details{}), nil)
		})
		want(t, "who they are", both(func(w http.ResponseWriter, r *http.Request) {
			s, _, err := staff.User(r.Context())
			wantErr(t, "User", err, nil)
			p, _, err := public.User(r.Context())
			wantErr(t, "User", err, nil)
			_, _ = fmt.Fprint(w, s.Name, " ", p.Name)
		}), "200 ann bob")
	}
}

func TestWhoItIsCanBeAskedWhileTheResponseIsSent(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	annSignedIn(b)
	want(t, "reply", text(b.send(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, "hello ")
		u, _, err := a.User(r.Context())
		wantErr(t, "User", err, nil)
		_, _ = fmt.Fprint(w, u.Name)
	}), get("/"))), "200 hello ann")
}
