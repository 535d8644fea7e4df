package echo4sessions

import (
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
			outer, outerRequest := c.Response(), c.Request()
			b := &bridge{c: c, next: next, response: echo.NewResponse(outer, c.Echo())}
			r := b.request()
			c.SetResponse(b.response)
			defer func() { // also after a panic, which middleware outside answers
				handOut(outerRequest, r)
				c.SetResponse(outer)
			}()
			middleware(b).ServeHTTP(outer, r)
			return b.err
		}
	}
}

// bridge leads one request from echo through net/http middleware back to echo.
type bridge struct {
	c        echo.Context
	next     echo.HandlerFunc
	response *echo.Response // of the handlers below
	err      error          // what Wrap returns
}

// request returns the request for the middleware, with the route in it.
func (b *bridge) request() *http.Request {
	r := b.c.Request()
	r = r.WithContext(sessions.WithErrorWriter(r.Context(), b.writeError))
	r.Pattern = b.c.Path()
	for i, name := range b.c.ParamNames() {
		r.SetPathValue(name, b.c.ParamValues()[i])
	}
	return r
}

// ServeHTTP is the middleware's next handler.
func (b *bridge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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
