package fibersessions

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/gosessions/sessions"
)

// Manager is a [sessions.Manager] or a [login.Manager].
type Manager interface {
	BeginRequestFunc(ctx context.Context, convert func() *http.Request) (context.Context, *sessions.Exchange)
	Error(w http.ResponseWriter, r *http.Request, err error)
}

// originChecker is a manager of package login.
type originChecker interface{ CheckOrigin(*http.Request) error }

// New returns middleware: it gives the handlers after it a session, which they
// get by [HandlerFunc], [KeyHandlerFunc], or [sessions.Load] with the context
// of the request, c.Context(). With a [login.Manager] they also get the
// visitor, and requests that [login.Manager.CheckOrigin] refuses are answered
// by the manager's Error, as [Error] does.
//
// What the handlers change is saved after the last of them has returned, unless
// the status of the response is 500 or more, or they panicked. An error that
// they return is given to the app's ErrorHandler here, so that its status
// counts, and so that the page of an error can use the session. Middleware
// outside sees the status, but no error. An error of package sessions or login
// is answered as [Error] does.
//
// If the session cannot be saved, the response and the headers that the handlers
// have set are dropped, and New returns an error for the app's ErrorHandler, as
// Error does.
//
// The first use of the session or of the visitor reads the request, which
// fasthttp does not share between goroutines: it must happen in the handler. After
// that, goroutines of the handler can use both until the handler returns.
//
// Several managers can be installed; each needs a cookie name of its own. The
// same manager twice has no further effect.
func New(m Manager) fiber.Handler {
	return func(c fiber.Ctx) error {
		v := &visit{m: m, c: c, outer: visitOf(c)}
		return v.serve()
	}
}

// visit is one request on its way through one manager. It is the context that
// the handlers see.
type visit struct {
	context.Context // of the exchange

	m     Manager
	x     *sessions.Exchange
	outer *visit // of another manager, or nil
	inner *visit // likewise

	before []field // of the response's header, set by middleware outside
	added  []field // to the response's header, by the manager

	holders  atomic.Int32 // those who may still use the session
	kept     atomic.Bool  // one of them after the handlers have returned
	begun    atomic.Bool  // the response has begun, as far as the session is concerned
	failed   atomic.Bool  // and what has changed is not to be saved
	returned bool         // the handlers have, without a panic

	mu sync.Mutex // held while the request is converted
	c  fiber.Ctx  // nil once the handlers have returned
	r  *http.Request
}

// checkOrigin returns why the request is refused, if a page of another site has
// sent it.
func (v *visit) checkOrigin() error {
	origin, ok := v.m.(originChecker)
	if method := v.c.Method(); !ok || method == fiber.MethodGet || method == fiber.MethodHead || method == fiber.MethodOptions {
		return nil
	}
	return origin.CheckOrigin(v.request())
}

// ofLogin reports whether the manager is one of package login.
func (v *visit) ofLogin() bool { _, ok := v.m.(originChecker); return ok }

// visitKey is the context key of the innermost visit.
type visitKey struct{}

// Value finds the visit itself, and otherwise what the exchange's context
// holds.
func (v *visit) Value(key any) any {
	if key == (visitKey{}) {
		return v
	}
	return v.Context.Value(key)
}

// Format prints nothing of the request, whose header holds the token.
func (v *visit) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "fibersessions.visit") }

// visitOf returns the innermost visit of a request, or nil.
func visitOf(c fiber.Ctx) *visit {
	v, _ := c.Context().Value(visitKey{}).(*visit)
	return v
}

// serve calls the handlers and saves what they have changed.
func (v *visit) serve() error {
	c, parent := v.c, v.c.Context()
	v.Context, v.x = v.m.BeginRequestFunc(parent, v.request)
	v.before = fields(&c.Response().Header)
	v.holders.Store(1)
	c.SetContext(v)
	if v.outer != nil {
		v.outer.inner = v
	}
	defer v.end()

	err := v.checkOrigin()
	if err == nil {
		err = c.Next()
	} else {
		err = answer(c, v.m, err)
	}
	v.returned = true
	if c.IsAbandoned() {
		if response := c.RequestCtx().LastTimeoutErrorResponse(); response != nil {
			v.timeOut(parent, response)
			return err
		}
	}
	if err != nil {
		render(c, err)
	}
	if err = v.begin(c.Response(), c.Response().StatusCode()); err != nil {
		err = v.fail(c, err)
	}
	if v.outer != nil {
		c.SetContext(parent)
	}
	return err
}

// begin saves the session and completes the header, if that has not been done.
func (v *visit) begin(response *fasthttp.Response, status int) error {
	if v.begun.Swap(true) {
		return nil
	}
	h := newHeader(&response.Header)
	defer h.release()
	err := v.x.Respond(v, status, h.after)
	if v.outer != nil || err != nil {
		v.added = h.added()
	}
	h.write(&response.Header)
	return err
}

// fail takes back what the handlers have written, and answers an error.
func (v *visit) fail(c fiber.Ctx, err error) error {
	v.failed.Store(true)
	reset(c.RequestCtx(), v.before)
	for in := v; in != nil; in = in.inner {
		write(&c.Response().Header, in.added)
	}
	return answer(c, v.m, err)
}

// timeOut ends a request whose handler still runs, although the timeout
// middleware has answered. The handler may be writing to c.
func (v *visit) timeOut(parent context.Context, response *fasthttp.Response) {
	v.failed.Store(true)
	if parent.Err() != nil { // middleware outside has answered, and its response may be on its way
		response = new(fasthttp.Response)
	}
	_ = v.begin(response, fiber.StatusServiceUnavailable) // which drops what has changed
}

// end ends the handlers' use of the session, and gives up what has changed if
// they panicked.
func (v *visit) end() {
	if !v.returned {
		v.failed.Store(true)
		_, _ = v.x.Discard()
		_ = v.begin(v.c.Response(), fiber.StatusInternalServerError) // middleware outside may recover
	}
	v.release()
	v.leave()
}

// hold keeps the session usable until release, unless its use has ended.
func (v *visit) hold() bool {
	for {
		n := v.holders.Load()
		if n == 0 {
			return false
		}
		if v.holders.CompareAndSwap(n, n+1) {
			v.kept.Store(true)
			return true
		}
	}
}

// release is the opposite of hold. The last one saves what has changed since
// the response began.
func (v *visit) release() {
	if v.holders.Add(-1) > 0 {
		return
	}
	if v.kept.Load() && !v.failed.Load() {
		_, _ = v.x.Commit(context.WithoutCancel(v))
	}
	_, _ = v.x.Discard()
}
