package fibersessions_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/fibersessions"
	"github.com/gosessions/sessions/login"
)

// visitor is what a session knows about a visitor.
type visitor struct{ Views int }

func TestHandlers(t *testing.T) {
	s := newSite(t, sessions.Options{})
	app := fiber.New()
	app.Use(fibersessions.New(s.auth))
	app.Get("/count", fibersessions.HandlerFunc(count))
	app.Get("/visit", fibersessions.KeyHandlerFunc("visitor", func(c fiber.Ctx, v *sessions.Typed[visitor]) error {
		v.Data.Views++
		return c.SendString(strconv.Itoa(v.Data.Views))
	}))
	app.Get("/account", fibersessions.UserHandlerFunc(s.auth, func(c fiber.Ctx, u user) error {
		return c.SendString("hello " + string(u))
	}))
	app.Post("/login", func(c fiber.Ctx) error {
		if err := s.auth.Login(c.Context(), user(c.FormValue("name", "ann")), login.Details{}); err != nil {
			return err
		}
		return c.Redirect().Status(fiber.StatusSeeOther).To(s.auth.Next(fibersessions.Request(c), "/"))
	})
	b := newBrowser(t, app)
	want(t, "count", b.get("/count"), "200 1")
	want(t, "count again", b.get("/count"), "200 2")
	want(t, "visit", b.get("/visit"), "200 1")
	want(t, "visit again", b.get("/visit"), "200 2")

	resp := b.send(http.MethodGet, "/account?tab=1")
	want(t, "nobody's account", resp.StatusCode, fiber.StatusSeeOther)
	want(t, "its Location", resp.Header.Get("Location"), "/login?next=%2Faccount%3Ftab%3D1")
	want(t, "nobody's account for a script", b.get("/account", "Accept", "application/json"), "401 Unauthorized")
	resp = b.send(http.MethodPost, "/login?next=%2Faccount")
	want(t, "after the login", resp.Header.Get("Location"), "/account")
	resp = b.send(http.MethodGet, "/account")
	want(t, "Cache-Control of a user's page", resp.Header.Get("Cache-Control"), "no-store")
	want(t, "ann's account", text(t, resp), "200 hello ann")
	want(t, "count of ann, who has a session of her own", b.get("/count"), "200 1")
}

// TestWrap: what the middleware of package login decides, holds, and is an
// event with the path of the route.
func TestWrap(t *testing.T) {
	s := newSite(t, sessions.Options{})
	permissions, err := login.NewPermissions(s.auth, users{})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := s.auth.Pages(login.Pages{LoginURL: "/staff/login"})
	if err != nil {
		t.Fatal(err)
	}
	var cause error
	app := fiber.New(fiber.Config{ErrorHandler: func(c fiber.Ctx, err error) error {
		cause = err
		return fiber.DefaultErrorHandler(c, err)
	}})
	app.Use(fibersessions.New(s.auth))
	app.Post("/login", func(c fiber.Ctx) error { return s.auth.Login(c.Context(), "ann", login.Details{}) })
	page := func(c fiber.Ctx) error { return c.SendString("page") }
	app.Get("/in", fibersessions.Wrap(s.auth.RequireLogin), page)
	app.Get("/recent", fibersessions.Wrap(s.auth.RequireRecent(time.Hour)), page)
	app.Get("/never/:name", fibersessions.Wrap(s.auth.RequirePredicate(func(r *http.Request, _ user) (bool, error) {
		return r.URL.Path == "/never/mind", nil
	})), page)
	app.Get("/read", fibersessions.Wrap(permissions.Require("read")), page)
	app.Group("/staff", fibersessions.Wrap(pages), fibersessions.Wrap(permissions.Require("staff"))).Get("/page", page)
	app.Get("/error", fibersessions.Wrap(s.auth.RequireLogin), func(fiber.Ctx) error { return fiber.ErrTeapot })

	nobody, ann := newBrowser(t, app), newBrowser(t, app)
	ann.send(http.MethodPost, "/login")
	s.told()
	for path, expected := range map[string]struct{ nobody, ann string }{
		"/in":         {"/login?next=%2Fin", "200 page"},
		"/recent":     {"/login?next=%2Frecent", "200 page"},
		"/never/ever": {"/login?next=%2Fnever%2Fever", "403 Forbidden"},
		"/never/mind": {"/login?next=%2Fnever%2Fmind", "200 page"},
		"/read":       {"/login?next=%2Fread", "200 page"},
		"/staff/page": {"/staff/login?next=%2Fstaff%2Fpage", "403 Forbidden"},
		"/error":      {"/login?next=%2Ferror", "418 I'm a teapot"},
	} {
		resp := nobody.send(http.MethodGet, path)
		want(t, path+" for nobody", resp.StatusCode, fiber.StatusSeeOther)
		want(t, path+" for nobody: Location", resp.Header.Get("Location"), expected.nobody)
		want(t, path+" for ann", ann.get(path), expected.ann)
	}
	ann.get("/never/ever")
	want(t, "the cause", errors.Is(cause, login.ErrForbidden), true)
	s.told()
	ann.get("/never/ever")
	want(t, "event", s.told(), "forbidden ann /never/:name")
}

// TestFormOfAnotherSite: the app's page of the refusal can use the session, and
// nothing is loaded unless it does.
func TestFormOfAnotherSite(t *testing.T) {
	s := newSite(t, sessions.Options{})
	names := false
	app := fiber.New(fiber.Config{ErrorHandler: func(c fiber.Ctx, err error) error {
		want(t, "the cause", errors.Is(err, login.ErrForbidden), true)
		if !names {
			return c.SendStatus(fiber.StatusForbidden)
		}
		u, _, err := s.auth.User(c.Context())
		want(t, "User", err, nil)
		return c.Status(fiber.StatusForbidden).SendString(string(u))
	}})
	app.Use(fibersessions.New(s.auth))
	app.Post("/login", func(c fiber.Ctx) error { return s.auth.Login(c.Context(), "ann", login.Details{}) })
	app.Post("/form", func(fiber.Ctx) error { t.Error("the handler is called"); return nil })
	ann := newBrowser(t, app)
	ann.send(http.MethodPost, "/login")
	s.told()
	s.store.Ops()
	send := func() string { return text(t, ann.send(http.MethodPost, "/form", "Sec-Fetch-Site", "cross-site")) }
	want(t, "page", send(), "403 Forbidden")
	want(t, "event", s.told(), "forbidden  /")
	want(t, "operations", s.store.Ops(), "")
	names = true
	want(t, "page", send(), "403 ann")
}

// TestLoginInsideOfSessions: the session that middleware between the two has
// changed is that of the login.
func TestLoginInsideOfSessions(t *testing.T) {
	s := newSite(t, sessions.Options{})
	app := fiber.New()
	app.Use(fibersessions.New(s.Manager))
	app.Use(func(c fiber.Ctx) error {
		session, err := sessions.Load(c.Context())
		if err != nil {
			return err
		}
		if err := counter.Set(session, 7); err != nil {
			return err
		}
		return c.Next()
	})
	app.Use(fibersessions.New(s.auth))
	app.Get("/login", func(c fiber.Ctx) error { return s.auth.Login(c.Context(), "ann", login.Details{}) })
	app.Get("/", fibersessions.UserHandlerFunc(s.auth, func(c fiber.Ctx, u user) error {
		session, err := s.Load(c.Context())
		if err != nil {
			return err
		}
		n, err := counter.Get(session)
		return errors.Join(err, c.SendString(string(u)+strconv.Itoa(n)))
	}))
	b := newBrowser(t, app)
	resp := b.send(http.MethodGet, "/login")
	want(t, "login", text(t, resp), "200")
	want(t, "cookies", len(resp.Header["Set-Cookie"]), 1)
	want(t, "page", b.get("/"), "200 ann7")
}

// TestMiddlewareBetweenManagers has the outer one's session, before and after
// the inner one.
func TestMiddlewareBetweenManagers(t *testing.T) {
	outer := newSite(t, sessions.Options{Cookie: sessions.CookieOptions{Name: "outer"}})
	inner := newSite(t, sessions.Options{Cookie: sessions.CookieOptions{Name: "inner"}})
	app := fiber.New()
	app.Use(fibersessions.New(outer.Manager))
	app.Use(func(c fiber.Ctx) error {
		before, err := sessions.Load(c.Context())
		want(t, "Load before", err, nil)
		err = c.Next()
		after, loadErr := sessions.Load(c.Context())
		want(t, "Load after", loadErr, nil)
		want(t, "the session is the same", after == before, true)
		return errors.Join(err, counter.Set(after, 5))
	})
	app.Use(fibersessions.New(inner.Manager))
	app.Get("/", fibersessions.HandlerFunc(count))
	app.Get("/outer", func(c fiber.Ctx) error {
		session, err := outer.Load(c.Context())
		if err != nil {
			return err
		}
		return read(c, session)
	})
	b := newBrowser(t, app)
	want(t, "inner", b.get("/"), "200 1")
	want(t, "outer", b.get("/outer"), "200 5")
}

// TestLoginOutsideOfAnotherManager answers what concerns the login.
func TestLoginOutsideOfAnotherManager(t *testing.T) {
	s := newSite(t, sessions.Options{})
	inner := newSite(t, sessions.Options{Cookie: sessions.CookieOptions{Name: "inner"}})
	app := fiber.New()
	app.Use(fibersessions.New(s.auth), fibersessions.New(inner.Manager))
	app.Get("/user", fibersessions.UserHandlerFunc(s.auth, func(fiber.Ctx, user) error { return nil }))
	app.Get("/raw", func(fiber.Ctx) error { return login.ErrAnonymous })
	app.Get("/sessions", func(fiber.Ctx) error { return sessions.ErrUnavailable })
	b := newBrowser(t, app)
	for path, expected := range map[string]string{"/user": "/login?next=%2Fuser", "/raw": "/login?next=%2Fraw", "/sessions": ""} {
		want(t, path, b.send(http.MethodGet, path).Header.Get("Location"), expected)
	}
}

// TestMountedApps: a mounted app has the sessions of the app around it, and its
// own page of an error.
func TestMountedApps(t *testing.T) {
	s := newSite(t, sessions.Options{})
	inner := fiber.New(fiber.Config{ErrorHandler: func(c fiber.Ctx, _ error) error {
		return c.Status(fiber.StatusBadGateway).SendString("the mounted app's page")
	}})
	inner.Get("/count", fibersessions.HandlerFunc(count))
	inner.Get("/fail", func(c fiber.Ctx) error {
		session, err := sessions.Load(c.Context())
		return errors.Join(err, counter.Set(session, 100), fiber.ErrTeapot)
	})
	app := fiber.New()
	app.Use(fibersessions.New(s.Manager))
	app.Use("/inner", inner)
	app.Get("/count", fibersessions.HandlerFunc(count))
	b := newBrowser(t, app)
	want(t, "outside", b.get("/count"), "200 1")
	want(t, "inside", b.get("/inner/count"), "200 2")
	want(t, "the error", b.get("/inner/fail"), "502 the mounted app's page")
	want(t, "after the error, whose page is a 5xx", b.get("/count"), "200 3")
}

// TestForgottenMiddleware is an error of the app that names the cause to the
// program, and not to the visitor.
func TestForgottenMiddleware(t *testing.T) {
	s := newSite(t, sessions.Options{})
	var cause error
	app := fiber.New(fiber.Config{ErrorHandler: func(c fiber.Ctx, err error) error {
		cause = err
		return fiber.DefaultErrorHandler(c, err)
	}})
	app.Get("/count", fibersessions.HandlerFunc(count))
	app.Get("/account", fibersessions.UserHandlerFunc(s.auth, func(fiber.Ctx, user) error { return nil }))
	app.Get("/keep", func(c fiber.Ctx) error {
		_, _, err := fibersessions.Keep(c)
		return err
	})
	b := newBrowser(t, app)
	want(t, "count", b.get("/count"), "500 Internal Server Error")
	want(t, "the cause", errors.Is(cause, sessions.ErrNoSession), true)
	want(t, "account", b.get("/account"), "500 Internal Server Error")
	b.get("/keep")
	want(t, "the cause of Keep", errors.Is(cause, sessions.ErrNoSession), true)
}

// TestHandlerThatIsStillRunning has no session any more, and never that of the
// request that fiber uses its context for by then.
func TestHandlerThatIsStillRunning(t *testing.T) {
	s := newSite(t, sessions.Options{})
	app := fiber.New()
	app.Use(fibersessions.New(s.auth))
	left := make(chan context.Context, 1)
	app.Get("/leave", func(c fiber.Ctx) error {
		left <- c.Context()
		return nil
	})
	app.Get("/count", fibersessions.HandlerFunc(func(c fiber.Ctx, session *sessions.Session) error {
		select {
		case ctx := <-left:
			_, err := sessions.Load(ctx)
			want(t, "Load", errors.Is(err, sessions.ErrNoSession), true)
			_, _, err = s.auth.User(ctx)
			want(t, "User", errors.Is(err, sessions.ErrNoSession), true)
			s.told()
			_, err = s.auth.Authenticate(ctx, "")
			want(t, "Authenticate", errors.Is(err, login.ErrCredentials), true)
			want(t, "event, which does not have this request's address", s.told(), "denied from ")
		default:
		}
		return count(c, session)
	}))
	b := newBrowser(t, app)
	want(t, "a visit", b.get("/count"), "200 1")
	newBrowser(t, app).get("/leave")
	want(t, "another visit", b.get("/count"), "200 2")
}
