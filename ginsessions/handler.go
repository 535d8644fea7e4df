package ginsessions

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// HandlerFunc returns a handler that needs the request's session: f gets it. If
// the session cannot be loaded, f is not called and the chain is aborted.
func HandlerFunc(f func(*gin.Context, *sessions.Session)) gin.HandlerFunc {
	return handler(sessions.Load, sessions.Error, "manager.Handler", f)
}

// KeyHandlerFunc returns a handler that needs the value of a key: f gets the
// session with the value as Data, and what it changes is saved, as with
// [sessions.Key.HandlerFunc]. If the session cannot be loaded, f is not called and
// the chain is aborted.
func KeyHandlerFunc[T any](key sessions.Key[T], f func(*gin.Context, *sessions.Typed[T])) gin.HandlerFunc {
	return handler(key.Load, sessions.Error, "manager.Handler", f)
}

// UserHandlerFunc returns a handler that gives f the user who is signed in. If
// nobody is, [login.Manager.Error] answers with [login.ErrAnonymous], f is not
// called and the chain is aborted.
func UserHandlerFunc[U login.User, C any](auth *login.Manager[U, C], f func(*gin.Context, U)) gin.HandlerFunc {
	return handler(auth.RequireUser, auth.Error, "auth.Handler", f)
}

// handler returns a handler that needs a value, and lets fail answer if it
// cannot be had. needs is the middleware that must be around it.
func handler[T any](get func(context.Context) (T, error), fail func(http.ResponseWriter, *http.Request, error), needs string, f func(*gin.Context, T)) gin.HandlerFunc {
	return func(c *gin.Context) {
		r := c.Request
		value, err := get(r.Context())
		if err == nil {
			f(c, value)
			return
		}
		if passOf(r.Context()) == nil {
			r = unwrapped(c, needs)
		}
		fail(c.Writer, r, err)
		c.Abort()
	}
}

// unwrapped returns the request of a handler that is not inside of Wrap. Either
// the middleware is missing, or it is around the engine.
func unwrapped(c *gin.Context, needs string) *http.Request {
	return c.Request.WithContext(sessions.WithErrorWriter(c.Request.Context(),
		func(w http.ResponseWriter, r *http.Request, status int, message string, err error) {
			if _, missing := sessions.Load(r.Context()); errors.Is(missing, sessions.ErrNoSession) {
				err = fmt.Errorf("ginsessions: call engine.Use(ginsessions.Wrap(%s)) before the routes are added: %w", needs, err)
			}
			report(c, w, status, message, err)
		}))
}

// report reports an error to Gin and notes its status: middleware outside may
// write the body. Gin renders the Meta instead of the error.
func report(c *gin.Context, w http.ResponseWriter, status int, message string, err error) *gin.Error {
	c.Abort()
	w.WriteHeader(status)
	return c.Error(err).SetMeta(gin.H{"error": message})
}
