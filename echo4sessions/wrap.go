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
	h := sessions.AsContextHandler(middleware(http.HandlerFunc(serveNext)))
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			outer, r := c.Response(), c.Request()
			b := &bridge{Context: r.Context(), c: c, next: next, response: echo.NewResponse(outer, c.Echo())}
			r.Pattern = c.Path()
			for i, name := range c.ParamNames() {
				r.SetPathValue(name, c.ParamValues()[i])
			}
			c.SetResponse(b.response)
			defer c.SetResponse(outer) // also after a panic, which middleware outside answers
			h.ServeContext(b, outer, r)
			return b.err
		}
	}
}

// bridge leads one request from echo through net/http middleware back to echo.
// It is the parent of the handlers' context.
type bridge struct {
	context.Context // of the request outside

	c        echo.Context
	next     echo.HandlerFunc
	response *echo.Response // of the handlers below
	err      error          // what Wrap returns
}

// bridging is the context key of a bridge.
type bridging struct{}

// bridgeOf returns the innermost bridge that a context belongs to.
func bridgeOf(ctx context.Context) *bridge { return ctx.Value(bridging{}).(*bridge) }

// Value finds the bridge itself, and otherwise what the request's context holds.
func (b *bridge) Value(key any) any {
	if key == (bridging{}) {
		return b
	}
	return b.Context.Value(key)
}

// serveNext is the handler inside of every middleware.
func serveNext(w http.ResponseWriter, r *http.Request) {
	b := bridgeOf(r.Context())
	b.c.SetRequest(r)
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
