// Package ginsessions installs package sessions and package login in Gin.
//
//	engine := gin.Default()
//	engine.Use(ginsessions.Wrap(manager.Handler))
//	engine.GET("/", ginsessions.HandlerFunc(func(c *gin.Context, s *sessions.Session) {
//		n, err := Counter.Update(s, func(n int) int { return n + 1 })
//		if err != nil {
//			_ = c.AbortWithError(http.StatusInternalServerError, err)
//			return
//		}
//		c.String(http.StatusOK, "visit %d", n)
//	}))
//
// [Wrap] takes all middleware of both packages, for the engine and for groups:
//
//	engine.Use(ginsessions.Wrap(auth.Handler)) // instead of manager.Handler
//	admin := engine.Group("/admin", ginsessions.Wrap(permissions.Require("admin")))
//
// The context that the other functions of these packages take is that of the
// request: auth.Login(c.Request.Context(), user, login.Details{}). If
// gin.Engine.ContextWithFallback is set, it can also be c.
//
// # When changes are saved
//
// Changes are saved before the response begins: at the first byte that a handler
// writes, or when the handlers inside of the middleware have returned. They are
// dropped if a handler panics or sets a status of 500 or more. They are also
// dropped if a handler calls gin.Context.Error, sets no status and writes
// nothing: it has failed, and the status is then 500 unless middleware outside
// sets another one. To save the changes of such a handler, set a status below 500:
//
//	c.Status(http.StatusUnprocessableEntity)
//	_ = c.Error(err)
//
// # Errors
//
// If a session cannot be loaded or saved, or a visitor is refused, the error is
// in c.Errors, the chain is aborted, and the response has the status of
// sessions.StatusCode or login.StatusCode. As with gin.BasicAuth and
// gin.Recovery, it has no body. Middleware outside of Wrap can write one:
//
//	engine.Use(showErrors, ginsessions.Wrap(manager.Handler))
//
//	func showErrors(c *gin.Context) {
//		c.Next()
//		if len(c.Errors) > 0 && !c.Writer.Written() {
//			c.JSON(c.Writer.Status(), gin.H{"error": http.StatusText(c.Writer.Status())})
//		}
//	}
//
// The text of the error is for logs only. Its Meta is a gin.H with the key
// "error", whose value is for the visitor, so c.JSON(-1, c.Errors.Last()) shows
// only that. An ErrorHandler of sessions.Options or login.Options that writes the
// response itself replaces all this.
//
// A handler that gets an error from package login answers with
// auth.Error(c.Writer, c.Request, err), which may be a redirect to the login page.
package ginsessions
