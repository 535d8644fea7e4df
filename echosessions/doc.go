// Package echosessions connects package sessions and package login to echo v5.
// For echo v4 there is package echo4sessions, with the same functions.
//
//	e := echo.New()
//	e.Use(middleware.Recover(), echosessions.Wrap(manager.Handler))
//	e.GET("/", echosessions.HandlerFunc(func(c *echo.Context, s *sessions.Session) error {
//		n, err := Counter.Update(s, func(n int) int { return n + 1 })
//		if err != nil {
//			return err
//		}
//		return c.String(http.StatusOK, strconv.Itoa(n))
//	}))
//
// [Wrap] turns the net/http middleware of this library into echo's, also that
// of groups and routes:
//
//	e.Use(echosessions.Wrap(auth.Handler)) // includes manager.Handler
//	admin := e.Group("/admin", echosessions.Wrap(auth.RequireLogin))
//
// [HandlerFunc], [KeyHandlerFunc] and [UserHandlerFunc] give handlers a session,
// a typed value or the user. Other handlers use the context of the request:
// sessions.Load(c.Request().Context()).
//
// # Errors
//
// If a handler below Wrap returns an error, the app's HTTPErrorHandler writes
// its response at once, while the session is still there. As with every
// response, the status decides: 500 and above drops the changes of the session
// and a login, and any other status saves them. The error page itself can show
// the user.
//
// A handler may return an error of package sessions or login as it is: it
// becomes an *echo.HTTPError with the status of [login.StatusCode]. So do the
// errors of this library's middleware, such as a session that cannot be saved.
// Where a page should redirect to the login instead, call
// auth.Error(c.Response(), c.Request(), err) and return nil.
//
// Wrap returns the error, so that middleware outside of it can log it. The
// response is committed by then: an HTTPErrorHandler of your own must return if
// the Response is Committed, as echo's does. Install middleware that replaces
// errors inside of Wrap.
//
// # Other middleware
//
// Recover, RequestLogger and Gzip may be on either side of Wrap. In a logger on
// either side, the echo.Response has the status and size that were sent, also if
// the session could not be saved. Put ContextTimeout inside of Wrap if it has an
// ErrorHandler of its own.
package echosessions
