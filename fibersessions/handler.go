package fibersessions

import (
	"net/http"

	"github.com/gofiber/fiber/v3"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// HandlerFunc returns a handler that needs the request's session: f gets it. If
// the session cannot be loaded, [Error] answers.
func HandlerFunc(f func(fiber.Ctx, *sessions.Session) error) fiber.Handler {
	return func(c fiber.Ctx) error {
		s, err := sessions.Load(c.Context())
		if err != nil {
			return Error(c, err)
		}
		return f(c, s)
	}
}

// KeyHandlerFunc returns a handler that needs the value of a key: f gets the
// session with the value as Data, and what it changes is saved. If the session
// cannot be loaded, [Error] answers. A value that cannot be decoded counts as
// absent; see [sessions.Options].Undecodable.
func KeyHandlerFunc[T any](key sessions.Key[T], f func(fiber.Ctx, *sessions.Typed[T]) error) fiber.Handler {
	return func(c fiber.Ctx) error {
		t, err := key.Load(c.Context())
		if err != nil {
			return Error(c, err)
		}
		return f(c, t)
	}
}

// UserHandlerFunc returns a handler that gives f the user who is signed in. If
// nobody is, the manager's Error answers with [login.ErrAnonymous], as [Error]
// does.
func UserHandlerFunc[U login.User, C any](auth *login.Manager[U, C], f func(fiber.Ctx, U) error) fiber.Handler {
	return func(c fiber.Ctx) error {
		u, err := auth.RequireUser(c.Context())
		if err != nil {
			return answer(c, auth, err)
		}
		return f(c, u)
	}
}

// Wrap makes middleware of package login middleware of fiber:
//
//	admin := app.Group("/admin", fibersessions.Wrap(permissions.Require("admin")))
//	account := app.Group("/account", fibersessions.Wrap(auth.RequireLogin))
//
// Requests that the middleware refuses are answered as [Error] does. Other
// middleware of net/http can be wrapped if it writes nothing when it lets a
// request through, and changes neither the request's context nor its body.
func Wrap(middleware func(http.Handler) http.Handler) fiber.Handler {
	h := middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		p := r.Context().Value(pageKey{}).(*page)
		p.passed = true
		p.err = p.c.Next()
	}))
	return func(c fiber.Ctx) error {
		p := newPage(c)
		h.ServeHTTP(p, p.request())
		return p.send()
	}
}
