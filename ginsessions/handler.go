package ginsessions

import (
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
	return handlerFunc("manager.Handler", sessions.HandlerFunc, f)
}

// KeyHandlerFunc returns a handler that needs the value of a key: f gets the
// session with the value as Data, and what it changes is saved, as with
// [sessions.Key.HandlerFunc]. If the session cannot be loaded, f is not called and
// the chain is aborted.
func KeyHandlerFunc[T any](key sessions.Key[T], f func(*gin.Context, *sessions.Typed[T])) gin.HandlerFunc {
	return handlerFunc("manager.Handler", key.HandlerFunc, f)
}

// UserHandlerFunc returns a handler that gives f the user who is signed in. If
// nobody is, [login.Manager.Error] answers with [login.ErrAnonymous], f is not
// called and the chain is aborted.
func UserHandlerFunc[U login.User, C any](auth *login.Manager[U, C], f func(*gin.Context, U)) gin.HandlerFunc {
	return handlerFunc("auth.Handler", auth.HandlerFunc, f)
}

// handlerFunc makes f a handler by a function for net/http, which finds the
// value that f needs. needs is the middleware that must be around it.
func handlerFunc[T any](needs string, with func(func(http.ResponseWriter, *http.Request, T)) http.HandlerFunc, f func(*gin.Context, T)) gin.HandlerFunc {
	return func(c *gin.Context) {
		called := false
		h := with(func(_ http.ResponseWriter, _ *http.Request, value T) {
			called = true
			f(c, value)
		})
		r := c.Request
		if passOf(r.Context()) == nil {
			r = unwrapped(c, needs)
		}
		h(c.Writer, r)
		if !called {
			c.Abort()
		}
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

// writeError answers a request that cannot be served, below Wrap.
func writeError(w http.ResponseWriter, r *http.Request, status int, message string, err error) {
	p := passOf(r.Context())
	p.failure = report(p.c, w, status, message, err)
}

// report reports an error to Gin and notes its status: middleware outside may
// write the body. Gin renders the Meta instead of the error.
func report(c *gin.Context, w http.ResponseWriter, status int, message string, err error) *gin.Error {
	c.Abort()
	w.WriteHeader(status)
	return c.Error(err).SetMeta(gin.H{"error": message})
}
