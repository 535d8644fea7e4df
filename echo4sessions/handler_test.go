package echo4sessions_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/echo4sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

// Visitor is a typed value.
type Visitor struct{ Views int }

// VisitorKey is its key.
const VisitorKey = sessions.Key[Visitor]("visitor")

// routes adds a handler of each kind.
func (a *app) routes() {
	a.GET("/session", echo4sessions.HandlerFunc(func(c echo.Context, s *sessions.Session) error {
		n, err := Counter.Update(s, func(n int) int { return n + 1 })
		if err != nil {
			return err
		}
		return c.String(http.StatusOK, fmt.Sprint(n))
	}))
	a.GET("/key", echo4sessions.KeyHandlerFunc(VisitorKey, func(c echo.Context, v *sessions.Typed[Visitor]) error {
		v.Data.Views++
		return c.String(http.StatusOK, fmt.Sprint(v.Data.Views))
	}))
	a.GET("/user", echo4sessions.UserHandlerFunc(a.auth, func(c echo.Context, u user) error {
		return c.String(http.StatusOK, string(u))
	}))
	a.GET("/enter", func(c echo.Context) error {
		if err := a.auth.Login(c.Request().Context(), "ann", login.Details{}); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	})
}

func TestHandlers(t *testing.T) {
	a := newApp(t)
	a.Use(echo4sessions.Wrap(a.auth.Handler))
	a.routes()
	b := a.browser(t)
	if r := b.get("/user"); r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/login?next=%2Fuser" {
		t.Errorf("an anonymous person gets %d, %v", r.StatusCode, r.Header)
	}
	if r := b.send("GET", "/user", "", "Accept", "application/json"); r.StatusCode != http.StatusUnauthorized || r.text != `{"message":"Unauthorized"}`+"\n" {
		t.Errorf("an anonymous script gets %d, %q", r.StatusCode, r.text)
	}
	b.get("/enter")
	for path, want := range map[string][]string{"/session": {"1", "2"}, "/key": {"1", "2"}, "/user": {"ann", "ann"}} {
		for _, want := range want {
			if r := b.get(path); r.StatusCode != http.StatusOK || r.text != want {
				t.Errorf("%s: got %d, %q; want %q", path, r.StatusCode, r.text, want)
			}
		}
	}
}

// TestHandlerReturnsWhyItsSessionIsMissing: middleware between Wrap and the
// handler sees the error.
func TestHandlerReturnsWhyItsSessionIsMissing(t *testing.T) {
	a := newApp(t)
	var got error
	a.Use(echo4sessions.Wrap(a.auth.Handler), func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			got = next(c)
			return got
		}
	})
	a.routes()
	b := a.browser(t)
	b.get("/enter")
	a.down.Store("load")
	for _, path := range []string{"/session", "/key", "/user"} {
		got = nil
		if r := b.get(path); r.StatusCode != http.StatusServiceUnavailable || r.text != unavailable || r.Header.Get("Retry-After") == "" {
			t.Errorf("%s: got %d, %q, %v", path, r.StatusCode, r.text, r.Header)
		}
		if he, ok := got.(*echo.HTTPError); !ok || he.Code != http.StatusServiceUnavailable || !errors.Is(got, sessions.ErrUnavailable) {
			t.Errorf("%s returns %v", path, got)
		}
	}
}

// TestForgottenMiddleware: the error names the remedy, and the page does not.
func TestForgottenMiddleware(t *testing.T) {
	before := slog.Default()
	defer slog.SetDefault(before)
	slog.SetDefault(slog.New(slog.DiscardHandler)) // package sessions logs it, too
	a := newApp(t)
	var got error
	a.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			got = next(c)
			return got
		}
	})
	a.routes()
	b := a.browser(t)
	for path, remedy := range map[string]string{
		"/session": "e.Use(echo4sessions.Wrap(manager.Handler))",
		"/key":     "e.Use(echo4sessions.Wrap(manager.Handler))",
		"/user":    "e.Use(echo4sessions.Wrap(auth.Handler))",
	} {
		if r := b.get(path); r.StatusCode != http.StatusInternalServerError || r.text != `{"message":"Internal Server Error"}`+"\n" {
			t.Errorf("%s: got %d, %q", path, r.StatusCode, r.text)
		}
		if got == nil || !strings.Contains(got.Error(), "install "+remedy) {
			t.Errorf("%s returns %v", path, got)
		}
	}
}

// TestErrorHandlerOfTheManager: one that writes by itself is what the visitor
// gets.
func TestErrorHandlerOfTheManager(t *testing.T) {
	m, err := sessions.New(new(memstore.Store), sessions.Options{
		Cookie:       sessions.CookieOptions{InsecureHTTP: true},
		BeforeCreate: func(context.Context) error { return sessions.ErrRefused },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			http.Error(w, "come back later", http.StatusTeapot)
		},
		OnEvent: func(context.Context, sessions.Event) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	a := newApp(t)
	var outside entry
	a.Use(logger(&outside), echo4sessions.Wrap(m.Handler))
	a.routes()
	r := a.browser(t).get("/session")
	if r.StatusCode != http.StatusTeapot || r.text != "come back later\n" || outside.Status != http.StatusTeapot {
		t.Errorf("got %d, %q; the logger got %+v", r.StatusCode, r.text, outside)
	}
}
