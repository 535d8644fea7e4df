package echo4sessions

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/gosessions/sessions"
)

// Wrap makes middleware for echo of middleware for net/http: of
// [sessions.Manager.Handler], of the middleware of package login, and of any
// other that calls its next handler in the same goroutine. Handlers below write
// through the [http.ResponseWriter] that the middleware passes on.
//
// If a handler below returns an error and has not begun its response, the app's
// HTTPErrorHandler writes it inside of the middleware. Wrap returns that error,
// and the error of a page that the middleware itself has written; see the
// package's documentation.
func Wrap(middleware func(http.Handler) http.Handler) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			outer, r := c.Response(), c.Request()
			b := &bridge{ResponseWriter: outer, c: c, next: next, response: echo.NewResponse(outer, c.Echo())}
			r.Pattern = c.Path()
			for i, name := range c.ParamNames() {
				r.SetPathValue(name, c.ParamValues()[i])
			}
			c.SetResponse(b.response)
			defer c.SetResponse(outer) // also after a panic, which middleware outside answers
			middleware(b).ServeHTTP(b, r)
			return b.err
		}
	}
}

// bridge leads one request from echo through net/http middleware back to echo.
// It is the middleware's [http.ResponseWriter] and its next handler, and the
// parent of the handlers' context.
type bridge struct {
	http.ResponseWriter // outside of the middleware
	context.Context     // of the request outside, once it is the parent of the handlers'

	c        echo.Context
	next     echo.HandlerFunc
	response *echo.Response // of the handlers below
	err      error          // what Wrap returns
}

// Unwrap lets [http.ResponseController] reach the writer outside.
func (b *bridge) Unwrap() http.ResponseWriter { return b.ResponseWriter }

// RequestContext derives the context of the handlers: [sessions.Manager.Handler]
// calls it.
func (b *bridge) RequestContext(ctx context.Context) context.Context {
	if b.Context != nil {
		return sessions.WithErrorWriter(ctx, b.WriteError)
	}
	b.Context = ctx
	return b
}

// ServeHTTP is the middleware's next handler.
func (b *bridge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	inner := r
	if b.Context == nil {
		inner = r.WithContext(sessions.WithErrorWriter(r.Context(), b.WriteError))
	}
	b.c.SetRequest(inner)
	b.response.Writer = w
	defer func() { handOut(r, b.c.Request()) }()
	err := b.next(b.c)
	if err == nil {
		return
	}
	err = explain(err)
	if !b.response.Committed {
		render(b.c, b.response, err)
	}
	if b.err == nil {
		b.err = err
	}
}

// handOut gives a request the forms that handlers have parsed with a copy of
// it: the server removes the files of its own request's only.
func handOut(outer, inner *http.Request) {
	outer.Form, outer.PostForm, outer.MultipartForm = inner.Form, inner.PostForm, inner.MultipartForm
}
