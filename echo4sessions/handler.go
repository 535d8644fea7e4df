package echo4sessions

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// HandlerFunc returns a handler that needs the request's session: f gets it. If
// the session cannot be loaded, the handler returns an *echo.HTTPError, unless
// Options.ErrorHandler of the manager writes a response by itself.
func HandlerFunc(f func(echo.Context, *sessions.Session) error) echo.HandlerFunc {
	return handle(sessions.Load, sessions.Error, "manager.Handler", f)
}

// KeyHandlerFunc returns a handler that needs the value of a key: f gets the
// session with the value as Data, and what it changes is saved. Errors are those
// of [HandlerFunc]. A value that cannot be decoded counts as absent; see
// Undecodable of [sessions.Options].
func KeyHandlerFunc[T any](key sessions.Key[T], f func(echo.Context, *sessions.Typed[T]) error) echo.HandlerFunc {
	return handle(key.Load, sessions.Error, "manager.Handler", f)
}

// UserHandlerFunc returns a handler that gives f the user who is signed in. If
// nobody is, the answer is that of [login.ErrAnonymous]: a redirect to the page
// of the login, or an *echo.HTTPError with the status 401. Other errors are those
// of [HandlerFunc].
func UserHandlerFunc[U login.User, C any](auth *login.Manager[U, C], f func(echo.Context, U) error) echo.HandlerFunc {
	return handle(auth.RequireUser, auth.Error, "auth.Handler", f)
}

// handle returns a handler that needs a value, and answers by fail if it cannot
// be had. middleware is what must be around it.
func handle[V any](get func(context.Context) (V, error), fail func(http.ResponseWriter, *http.Request, error), middleware string, f func(echo.Context, V) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		v, err := get(c.Request().Context())
		if err == nil {
			return f(c, v)
		}
		var answer error
		ctx := sessions.WithErrorWriter(c.Request().Context(), func(_ http.ResponseWriter, _ *http.Request, status int, message string, cause error) {
			answer = echo.NewHTTPError(status, message).SetInternal(forgotten(cause, middleware))
		})
		fail(c.Response(), c.Request().WithContext(ctx), err)
		return answer
	}
}
