package login_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

func TestLoginAndLogout(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	want(t, "at first", b.who(), "nobody")
	want(t, "wrong password", b.post(func(r *http.Request) (string, error) {
		_, err := a.Authenticate(r.Context(), password{"ann", "bob's"})
		return "", err
	}), "401 Unauthorized")
	want(t, "after that", b.who(), "nobody")
	want(t, "login", b.signIn("ann", login.Details{}), "200 hello ann")
	want(t, "after a login", b.who(), "ann")
	want(t, "logout", b.signOut(), "200 bye")
	want(t, "after a logout", b.who(), "nobody")
	want(t, "cookie after a logout", b.token(), "")
	want(t, "another logout", b.signOut(), "200 bye")
	want(t, "events", a.told(), "denied login:ann logout:ann")
}

func TestOneRequestSeesItsOwnLoginAndLogout(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	got := b.post(func(r *http.Request) (string, error) {
		ctx := r.Context()
		var seen []string
		see := func() {
			u, ok, err := a.User(ctx)
			if err != nil {
				t.Error(err)
			}
			seen = append(seen, u.Name)
			want(t, "ok", ok, u.Name != "")
		}
		see()
		ann, _ := a.users.find("ann")
		bob, _ := a.users.find("bob")
		for _, do := range []func() error{
			func() error { return a.Login(ctx, ann, login.Details{}) },
			func() error { return a.Login(ctx, bob, login.Details{}) },
			func() error { return a.Logout(ctx) },
			func() error { return a.Login(ctx, ann, login.Details{}) },
		} {
			wantErr(t, "step", do(), nil)
			see()
		}
		want(t, "seen", slices.Equal(seen, []string{"", "ann", "bob", "", "ann"}), true)
		return "", nil
	})
	want(t, "reply", got, "200")
	want(t, "afterwards", b.who(), "ann")
}

func TestNothingIsLoadedWhereNobodyAsks(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	b.signIn("ann", login.Details{})
	a.store.Ops()
	a.users.Asked()
	want(t, "public page", b.post(func(*http.Request) (string, error) { return "public", nil }), "200 public")
	want(t, "operations", a.store.Ops(), "")
	want(t, "questions", a.users.Asked(), "")

	perms, err := login.NewPermissions(a.Manager, a.users)
	wantErr(t, "NewPermissions", err, nil)
	want(t, "page that asks often", b.post(func(r *http.Request) (string, error) {
		for range 3 {
			_, _, err := a.User(r.Context())
			wantErr(t, "User", err, nil)
			_, err = perms.HasPermission(r.Context(), "read")
			wantErr(t, "HasPermission", err, nil)
		}
		return "", nil
	}), "200")
	want(t, "operations", a.store.Ops(), "load")
	want(t, "questions", a.users.Asked(), "user permissions groups")
}

func TestBackendThatFailsIsNotAnAnswer(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	b.signIn("ann", login.Details{})
	a.told()
	a.users.down = errors.New("connection refused")
	want(t, "page that asks", b.who(), "503 Service Unavailable")
	b.post(func(r *http.Request) (string, error) {
		perms, err := login.NewPermissions(a.Manager, a.users)
		wantErr(t, "NewPermissions", err, nil)
		u, ok, err := a.User(r.Context())
		wantErr(t, "User", err, login.ErrBackend)
		want(t, "User", fmt.Sprint(u.Name, ok), "false")
		may, err := perms.HasPermission(r.Context(), "read")
		wantErr(t, "HasPermission", err, login.ErrBackend)
		want(t, "HasPermission", may, false)
		recent, err := a.Recent(r.Context(), time.Hour)
		wantErr(t, "Recent", err, login.ErrBackend)
		want(t, "Recent", recent, false)
		return "", err
	})
	want(t, "page that does not", b.post(func(*http.Request) (string, error) { return "public", nil }), "200 public")
	want(t, "login", b.signIn("bob", login.Details{}), "503 Service Unavailable")
	want(t, "events", a.told(), "failed:ann failed:ann failed:ann failed:ann failed")
	a.users.down = nil
	want(t, "afterwards", b.who(), "ann")

	for name, broken := range map[string]user{"no id": {}, "no text": {Name: "\xff"}, "another": {Name: "bob"}} {
		m, err := login.New(a.sessions, constant{broken}, login.Options{HashKeys: []sessions.Secret{key1}, OnEvent: func(context.Context, login.Event) {}})
		wantErr(t, name, err, nil)
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "https://example.com/", nil)
		r.AddCookie(&http.Cookie{Name: "__Host-id", Value: b.token()})
		m.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _, err := m.User(r.Context())
			wantErr(t, name+": User", err, login.ErrBackend)
			if broken.Name != "bob" {
				_, err = m.Authenticate(r.Context(), password{})
				wantErr(t, name+": Authenticate", err, login.ErrBackend)
				wantErr(t, name+": Login", m.Login(r.Context(), broken, login.Details{}), login.ErrBackend)
			}
		})).ServeHTTP(w, r)
	}
}

// constant is a backend with one user, whoever is asked for.
type constant struct{ u user }

func (c constant) Authenticate(context.Context, password) (user, error) { return c.u, nil }
func (c constant) User(context.Context, string) (user, error)           { return c.u, nil }

func TestUnknownUserIsNoOtherAnswerThanAWrongPassword(t *testing.T) {
	a := newApp(t, login.Options{})
	for _, says := range []error{login.ErrNoUser, login.ErrCredentials} {
		a.users.down = says
		want(t, says.Error(), a.browser().signIn("ann", login.Details{}), "401 Unauthorized")
	}
	want(t, "events", a.told(), "denied denied")
}

func TestVisitorWhoWentAwayIsNoFailure(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	annSignedIn(b)
	a.told()
	b.post(func(r *http.Request) (string, error) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		if _, err := a.sessions.Load(ctx); err != nil {
			return "", err
		}
		cancel()
		a.users.down = ctx.Err()
		_, _, err := a.User(ctx)
		wantErr(t, "User", err, login.ErrBackend)
		wantErr(t, "User", err, context.Canceled)
		return "", nil
	})
	want(t, "events", a.told(), "")
}

func TestStoreThatFailsIsNotAnAnswer(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	b.signIn("ann", login.Details{})
	down := faultAll()
	a.store.Fault = down
	want(t, "page that asks", b.who(), "503 Service Unavailable")
	b.post(func(r *http.Request) (string, error) {
		_, ok, err := a.User(r.Context())
		wantErr(t, "User", err, sessions.ErrUnavailable)
		want(t, "User", ok, false)
		return "", err
	})
	want(t, "page that does not", b.post(func(*http.Request) (string, error) { return "public", nil }), "200 public")
	want(t, "logout", b.signOut(), "503 Service Unavailable")
	a.store.Fault = nil
	want(t, "afterwards", b.who(), "ann")
}

func TestBackendMayAskWhoTheVisitorIs(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	asked := 0
	a.users.hook = func(ctx context.Context) {
		asked++
		if _, _, err := a.User(ctx); err == nil {
			t.Error("a backend that asks back is given an answer")
		}
	}
	want(t, "login", b.signIn("ann", login.Details{}), "200 hello ann")
	want(t, "who", b.who(), "ann")
	want(t, "questions", asked, 2)
}

func TestOutsideOfTheHandlerIsAnError(t *testing.T) {
	a := newApp(t, login.Options{})
	ann, _ := a.users.find("ann")
	ctx := t.Context()
	_, ok, err := a.User(ctx)
	want(t, "ok", ok, false)
	for name, err := range map[string]error{
		"User": err, "Login": a.Login(ctx, ann, login.Details{}), "Logout": a.Logout(ctx),
		"Confirm": a.Confirm(ctx, ann), "ChangeAuthHash": a.changeAuthHash(ctx, ann), "RevokeOthers": a.RevokeOthers(ctx),
	} {
		want(t, name+" is ErrNoSession", errors.Is(err, sessions.ErrNoSession), true)
		want(t, name, fmt.Sprint(err), "sessions: no session: the request did not pass Handler or BeginRequest of this login.Manager")
	}
}

// TestFormOfAnotherSiteIsRefusedLikeAnyOther: by the application's ErrorHandler
// or the framework, if there is one, with an event, and without a look into the
// store.
func TestFormOfAnotherSiteIsRefusedLikeAnyOther(t *testing.T) {
	a := newApp(t, login.Options{})
	h := a.Handler(http.NotFoundHandler())
	r := httptest.NewRequest("POST", "https://example.com/", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	plain := httptest.NewRecorder()
	h.ServeHTTP(plain, r)
	want(t, "status", plain.Code, http.StatusForbidden)
	want(t, "page", plain.Body.String(), "Forbidden\n")
	want(t, "events", a.told(), "forbidden")
	want(t, "store operations", a.store.Ops(), "")

	own := newApp(t, login.Options{ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
		wantErr(t, "cause for the ErrorHandler", err, login.ErrForbidden)
		_, err = sessions.Load(r.Context()) // for a page that names the user
		wantErr(t, "session for the ErrorHandler", err, nil)
		w.WriteHeader(http.StatusTeapot)
	}})
	answer := httptest.NewRecorder()
	own.Handler(http.NotFoundHandler()).ServeHTTP(answer, r)
	want(t, "status of the ErrorHandler", answer.Code, http.StatusTeapot)

	var status int
	var cause error
	ctx := sessions.WithErrorWriter(t.Context(), func(_ http.ResponseWriter, _ *http.Request, s int, _ string, err error) {
		status, cause = s, err
	})
	h.ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx))
	want(t, "status in a framework", status, http.StatusForbidden)
	wantErr(t, "cause in a framework", cause, login.ErrForbidden)
}
