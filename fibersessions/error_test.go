package fibersessions_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/recover"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/fibersessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/login"
)

// down makes operations of the store fail.
func (s *site) down(ops ...string) {
	s.store.Fault = func(_ int, op string) faultstore.Fault {
		for _, o := range ops {
			if o == op {
				return faultstore.Before
			}
		}
		return faultstore.None
	}
}

// TestErrorPageDecides: what a handler changed is saved or dropped by the status
// that the app's ErrorHandler chose, and the page can use the session.
func TestErrorPageDecides(t *testing.T) {
	s := newSite(t, sessions.Options{})
	errMissing := errors.New("missing")
	app := fiber.New(fiber.Config{ErrorHandler: func(c fiber.Ctx, err error) error {
		session, loadErr := sessions.Load(c.Context())
		if loadErr != nil {
			t.Error(loadErr)
			return loadErr
		}
		n, _ := counter.Get(session)
		switch {
		case errors.Is(err, errMissing):
			return c.Status(fiber.StatusNotFound).SendString(fmt.Sprint("missing at ", n))
		case errors.Is(err, fiber.ErrTeapot):
			return errors.New("the page fails")
		}
		return c.Status(fiber.StatusBadGateway).SendString(fmt.Sprint("failed at ", n))
	}})
	app.Use(fibersessions.New(s.Manager))
	for path, err := range map[string]error{"/missing": errMissing, "/reject": fiber.ErrUnprocessableEntity, "/teapot": fiber.ErrTeapot} {
		app.Get(path, fibersessions.HandlerFunc(func(c fiber.Ctx, session *sessions.Session) error {
			return errors.Join(count(c, session), err)
		}))
	}
	app.Get("/status", fibersessions.HandlerFunc(func(c fiber.Ctx, session *sessions.Session) error {
		return errors.Join(count(c, session), c.SendStatus(fiber.StatusBadGateway))
	}))
	app.Get("/read", fibersessions.HandlerFunc(read))
	b := newBrowser(t, app)
	want(t, "an error that is a 404", b.get("/missing"), "404 missing at 1")
	want(t, "after it", b.get("/read"), "200 1")
	want(t, "an error that is a 5xx", b.get("/reject"), "502 failed at 2")
	want(t, "an error whose page fails", b.get("/teapot"), "500 2")
	want(t, "a status without an error", b.send(http.MethodGet, "/status").StatusCode, fiber.StatusBadGateway)
	want(t, "after them", b.get("/read"), "200 1")
	want(t, "a page that is not there", b.get("/nothing"), "502 failed at 1")
}

// TestErrorsOfThisLibrary that handlers return have the status that
// login.StatusCode says, and a redirect where there is one.
func TestErrorsOfThisLibrary(t *testing.T) {
	s := newSite(t, sessions.Options{})
	app := fiber.New()
	app.Use(fibersessions.New(s.auth))
	for path, err := range map[string]error{
		"/credentials": fmt.Errorf("login: %w", login.ErrCredentials), "/anonymous": login.ErrAnonymous, "/forbidden": login.ErrForbidden,
		"/unavailable": sessions.ErrUnavailable, "/gone": sessions.ErrNotFound, "/own": errors.New("own"),
		"/chosen": fmt.Errorf("%w: %w", fiber.ErrTeapot, sessions.ErrUnavailable),
	} {
		app.Get(path, func(fiber.Ctx) error { return err })
	}
	b := newBrowser(t, app)
	for path, expected := range map[string]string{
		"/credentials": "401 Unauthorized", "/forbidden": "403 Forbidden", "/unavailable": "503 Service Unavailable",
		"/gone": "409 Conflict", "/own": "500 own", "/chosen": "418 I'm a teapot: " + sessions.ErrUnavailable.Error(),
	} {
		want(t, path, b.get(path), expected)
	}
	resp := b.send(http.MethodGet, "/unavailable")
	want(t, "Retry-After", resp.Header.Get("Retry-After"), "5")
	want(t, "Cache-Control", resp.Header.Get("Cache-Control"), "no-store")
	want(t, "Location", b.send(http.MethodGet, "/anonymous").Header.Get("Location"), "/login?next=%2Fanonymous")
}

// TestFailedSave drops the response and its header, but for that of middleware
// outside; the app's ErrorHandler writes the page and learns the cause.
func TestFailedSave(t *testing.T) {
	s := newSite(t, sessions.Options{SaveTimeout: 20 * time.Millisecond})
	var cause error
	app := fiber.New(fiber.Config{ErrorHandler: func(c fiber.Ctx, err error) error {
		cause = err
		return fiber.DefaultErrorHandler(c, err)
	}})
	app.Use(func(c fiber.Ctx) error {
		c.Set("Access-Control-Allow-Origin", "https://example.com")
		c.Cookie(&fiber.Cookie{Name: "outer", Value: "1"})
		return c.Next()
	})
	app.Use(fibersessions.New(s.Manager))
	app.Get("/", fibersessions.HandlerFunc(func(c fiber.Ctx, session *sessions.Session) error {
		c.Set("X-Handler", "1")
		c.Set("Access-Control-Allow-Origin", "*")
		c.Set("Content-Encoding", "br")
		c.Cookie(&fiber.Cookie{Name: "inner", Value: "1"})
		return errors.Join(count(c, session), c.Status(fiber.StatusCreated).Send([]byte("saved")))
	}))
	b := newBrowser(t, app)
	want(t, "a visit", b.get("/"), "201 saved")
	s.down("save", "create")
	resp := b.send(http.MethodGet, "/")
	want(t, "the page", text(t, resp), "503 Service Unavailable")
	want(t, "the cause", errors.Is(cause, sessions.ErrUnavailable), true)
	for name, value := range map[string]string{
		"X-Handler": "", "Content-Encoding": "", "Access-Control-Allow-Origin": "https://example.com", "Vary": "Cookie",
		"Retry-After": "5", "Cache-Control": "no-store", "Set-Cookie": "outer=1; path=/; SameSite=Lax",
	} {
		want(t, name, strings.Join(resp.Header[name], " | "), value)
	}
}

// TestOuterManagerFails: the token of the inner manager, which has saved, still
// reaches the browser.
func TestOuterManagerFails(t *testing.T) {
	outer := newSite(t, sessions.Options{Cookie: sessions.CookieOptions{Name: "outer"}, SaveTimeout: 20 * time.Millisecond})
	inner := newSite(t, sessions.Options{Cookie: sessions.CookieOptions{Name: "inner"}})
	app := fiber.New()
	app.Use(fibersessions.New(outer.Manager))
	app.Use(fibersessions.New(inner.Manager))
	app.Get("/", fibersessions.HandlerFunc(func(c fiber.Ctx, session *sessions.Session) error {
		first, err := outer.Load(c.Context())
		return errors.Join(err, counter.Set(first, 1), count(c, session))
	}))
	outer.down("create")
	b := newBrowser(t, app)
	want(t, "the page", b.get("/"), "503 Service Unavailable")
	want(t, "the outer cookie", b.cookies["outer"], "")
	want(t, "the inner cookie is there", b.cookies["inner"] != "", true)
	outer.down()
	want(t, "the next visit", b.get("/"), "200 2")
}

// TestErrorHandlerOfTheManager writes the response of a manager whose options
// name one.
func TestErrorHandlerOfTheManager(t *testing.T) {
	s := newSite(t, sessions.Options{
		SaveTimeout: 20 * time.Millisecond,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			w.Header().Set("X-Cause", fmt.Sprint(errors.Is(err, sessions.ErrUnavailable)))
			w.WriteHeader(http.StatusTeapot)
			_, _ = fmt.Fprint(w, "the manager's page of "+r.URL.Path)
		},
	})
	app := fiber.New()
	app.Use(fibersessions.New(s.Manager))
	app.Get("/", fibersessions.HandlerFunc(count))
	b := newBrowser(t, app)
	b.get("/")
	for _, op := range []string{"load", "save"} {
		s.down(op)
		resp := b.send(http.MethodGet, "/")
		want(t, op, text(t, resp), "418 the manager's page of /")
		want(t, op+": header", resp.Header.Get("X-Cause"), "true")
	}
}

// TestPanicAfterASave: middleware outside recovers, and the browser gets the
// token that the session has by then.
func TestPanicAfterASave(t *testing.T) {
	for _, opts := range []sessions.Options{{}, {SaveOnError: true}} {
		s := newSite(t, opts)
		app := fiber.New()
		app.Use(recover.New(), fibersessions.New(s.Manager))
		app.Get("/panic", fibersessions.HandlerFunc(func(c fiber.Ctx, session *sessions.Session) error {
			if err := errors.Join(count(c, session), session.Renew(), session.Save(c.Context()), counter.Set(session, 100)); err != nil {
				return err
			}
			panic("the handler panics")
		}))
		app.Get("/read", fibersessions.HandlerFunc(read))
		b := newBrowser(t, app)
		resp := b.send(http.MethodGet, "/panic")
		want(t, "the page", text(t, resp), "500 the handler panics")
		want(t, "Vary", resp.Header.Get("Vary"), "Cookie")
		want(t, "after it", b.get("/read"), "200 1")
	}
}
