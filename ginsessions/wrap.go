package ginsessions

import (
	"context"
	"net/http"
	"reflect"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/gosessions/sessions"
)

// Wrap turns middleware of net/http into middleware of Gin. It is for that of a
// [sessions.Manager] or a [login.Manager]. Other middleware must call the next
// handler in the same goroutine, so [http.TimeoutHandler] cannot be wrapped. If it
// does not call the next handler, the chain is aborted.
//
// What the handlers inside write goes through the [http.ResponseWriter] that the
// middleware passes to the next handler, and c.Request is its request. This is
// also true after [gin.Engine.HandleContext], if the new path has middleware of
// Wrap.
//
// Call [gin.Engine.Use] before the routes are added. Middleware that changes the
// response, such as compression, belongs inside of Wrap. Middleware that turns
// c.Errors into a response can be inside, too: then its status decides whether
// changes are saved.
func Wrap(middleware func(next http.Handler) http.Handler) gin.HandlerFunc {
	h := sessions.AsContextHandler(middleware(http.HandlerFunc(next)))
	return func(c *gin.Context) {
		p := &pass{Context: c.Request.Context(), c: c}
		again := p.enter()
		h.ServeContext(p, p, c.Request)
		if !p.called {
			c.Abort()
		}
		if again {
			p.WriteHeaderNow() // before the engine does so, past the middleware
		}
	}
}

// pass is a request on its way through a middleware. It is the middleware's
// [http.ResponseWriter], and the parent of the handlers' context.
type pass struct {
	gin.ResponseWriter // outside of the middleware
	context.Context    // of the request outside

	c       *gin.Context
	inner   gin.ResponseWriter // of the handlers: wrapped, or that outside if the middleware has none
	wrapped writer
	now     bool       // WriteHeader sends the header
	called  bool       // the middleware has called next
	failure *gin.Error // of the middleware
}

// passing is the context key of a pass.
type passing struct{}

// passOf returns the innermost pass that a context belongs to, or nil.
func passOf(ctx context.Context) *pass {
	p, _ := ctx.Value(passing{}).(*pass)
	return p
}

// Value finds the pass itself, and otherwise what the request's context holds.
func (p *pass) Value(key any) any {
	if key == (passing{}) {
		return p
	}
	return p.Context.Value(key)
}

// WriteError answers a request that cannot be served.
func (p *pass) WriteError(w http.ResponseWriter, _ *http.Request, status int, message string, err error) {
	p.failure = report(p.c, w, status, message, err)
}

// enter finds the writer outside. It reports whether HandleContext has reset the
// gin.Context inside of another pass: that writer is then the one of the other
// pass, which HandleContext has replaced by that of the server.
func (p *pass) enter() (again bool) {
	around := passOf(p.Context)
	if around != nil && around.c == p.c && p.c.Writer != around.inner && reflect.TypeOf(p.c.Writer) == engineWriter {
		again, p.c.Writer = true, around.inner
	}
	p.ResponseWriter, p.inner = p.c.Writer, p.c.Writer
	return again
}

// engineWriter is the type of the writer that Gin itself gives to handlers.
var engineWriter = reflect.TypeOf(new(gin.Context).Copy().Writer)

// next is the handler inside of every middleware: the rest of the chain.
func next(w http.ResponseWriter, r *http.Request) {
	p := passOf(r.Context())
	c, request, writer, reported := p.c, p.c.Request, p.c.Writer, len(p.c.Errors)
	p.called = true
	defer func() {
		handOut(r, c.Request)
		c.Request, c.Writer = request, writer
	}()
	c.Request = r
	if w == http.ResponseWriter(p) {
		c.Next()
		return
	}
	p.wrapped = writerOf(p, w)
	p.inner = &p.wrapped
	c.Writer = p.inner
	c.Next()
	p.wrapped.finish(len(c.Errors) > reported)
	c.Errors = slices.Compact(c.Errors) // renderers report the failure of the middleware, too
}

// handOut gives a request outside what handlers have found out about theirs. The
// server deletes the files of its own request's MultipartForm only.
func handOut(outer, inner *http.Request) {
	if outer == inner {
		return
	}
	outer.Pattern = inner.Pattern
	outer.Form, outer.PostForm, outer.MultipartForm = inner.Form, inner.PostForm, inner.MultipartForm
}

// WriteHeader notes the status, as Gin's writers do, and sends the header if the
// handler has asked for that. Informational ones are sent in any case.
func (p *pass) WriteHeader(status int) {
	if status < 200 && status != http.StatusSwitchingProtocols {
		if under, ok := p.ResponseWriter.(interface{ Unwrap() http.ResponseWriter }); ok {
			under.Unwrap().WriteHeader(status)
		}
		return
	}
	p.wrapped.status = status
	p.ResponseWriter.WriteHeader(status)
	if p.now {
		p.ResponseWriter.WriteHeaderNow()
	}
}

// Unwrap lets [http.ResponseController] reach the writer outside.
func (p *pass) Unwrap() http.ResponseWriter { return p.ResponseWriter }
