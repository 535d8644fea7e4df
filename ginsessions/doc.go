// Package ginsessions brings packages sessions and login to Gin.
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
// Other functions of these packages take the context of the request:
// auth.Login(c.Request.Context(), user, login.Details{}). If the engine has
// ContextWithFallback, they also take c.
//
// # When changes are saved
//
// Changes are saved before the response begins: at the first byte of the body, or
// when the handlers inside of the middleware have returned. They are dropped if a
// handler panics or sets a status of 500 or more.
//
// They are also dropped if a handler calls [gin.Context.Error], writes nothing and
// sets no status: it has failed. The status is then 500, unless middleware outside
// sets another one. To save the changes of such a handler, set a status below 500:
//
//	c.Status(http.StatusUnprocessableEntity)
//	_ = c.Error(err)
//
// # Errors
//
// If a session cannot be loaded or saved, or if package login refuses a visitor,
// the error is in c.Errors, the chain is aborted, and the status is that of
// [sessions.StatusCode] or [login.StatusCode]. As with [gin.Recovery] and
// [gin.BasicAuth], there is no body. Middleware outside of Wrap can write one:
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
// The text of such an error is for logs only. Its Meta is a [gin.H] with a
// sentence for the visitor under the key "error", so c.JSON(-1, c.Errors.Last())
// shows only the sentence. An ErrorHandler in [sessions.Options] or
// [login.Options] that writes the response itself replaces all this.
//
// Handlers that get an error from package login call
// auth.Error(c.Writer, c.Request, err), which may redirect to the login page.
package ginsessions
