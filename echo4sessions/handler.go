package echo4sessions

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// HandlerFunc returns a handler that needs the request's session: f gets it. If
// the session cannot be loaded, the handler returns an *echo.HTTPError, unless
// Options.ErrorHandler of the manager writes a response by itself.
func HandlerFunc(f func(echo.Context, *sessions.Session) error) echo.HandlerFunc {
	return handle(sessions.HandlerFunc, "manager.Handler", f)
}

// KeyHandlerFunc returns a handler that needs the value of a key: f gets the
// session with the value as Data, and what it changes is saved. Errors are those
// of [HandlerFunc]. A value that cannot be decoded counts as absent; see
// Undecodable of [sessions.Options].
func KeyHandlerFunc[T any](key sessions.Key[T], f func(echo.Context, *sessions.Typed[T]) error) echo.HandlerFunc {
	return handle(key.HandlerFunc, "manager.Handler", f)
}

// UserHandlerFunc returns a handler that gives f the user who is signed in. If
// nobody is, the answer is that of [login.ErrAnonymous]: a redirect to the page
// of the login, or an *echo.HTTPError with the status 401. Other errors are those
// of [HandlerFunc].
func UserHandlerFunc[U login.User, C any](auth *login.Manager[U, C], f func(echo.Context, U) error) echo.HandlerFunc {
	return handle(auth.HandlerFunc, "auth.Handler", f)
}

// handle returns a handler that gets its value as a handler of net/http does,
// below a middleware.
func handle[V any](handlerFunc func(func(http.ResponseWriter, *http.Request, V)) http.HandlerFunc, middleware string, f func(echo.Context, V) error) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		h := handlerFunc(func(_ http.ResponseWriter, _ *http.Request, v V) { err = f(c, v) })
		ctx := sessions.WithErrorWriter(c.Request().Context(), func(_ http.ResponseWriter, _ *http.Request, status int, message string, cause error) {
			err = echo.NewHTTPError(status, message).SetInternal(forgotten(cause, middleware))
		})
		h(c.Response(), c.Request().WithContext(ctx))
		return err
	}
}
