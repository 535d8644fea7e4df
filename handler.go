package sessions

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"

	"github.com/gosessions/sessions/internal/respond"
)

// Handler is middleware: it gives next a session, which next gets by [Load],
// [HandlerFunc] or [Key.HandlerFunc]. A request that does not ask for its
// session costs no store operation and no cookie. What the handler changes is
// saved before its response begins; if that fails, the response is the error
// page of Options.ErrorHandler instead.
//
// Put [http.TimeoutHandler] inside: outside, it can throw away a response whose
// cookie is the only one with a new token. Put Handler inside of
// [http.CrossOriginProtection], so that rejected requests never reach the
// store. Several managers can be chained; each needs a cookie name of its own.
// Applying the same manager twice has no further effect.
//
// The handler that it returns has the method ServeContext of [ContextHandler],
// too.
func (m *Manager) Handler(next http.Handler) http.Handler { return &handler{m, next} }

// ContextHandler is a handler whose requests need not be copied to give them
// another context. It is for the middleware of frameworks.
type ContextHandler interface {
	http.Handler
	// ServeContext is ServeHTTP of a copy of r with ctx, which must be below the
	// context of r. If ctx itself has the method WriteError, with the parameters
	// of the function of [WithErrorWriter], it is called like that function.
	ServeContext(ctx context.Context, w http.ResponseWriter, r *http.Request)
}

// AsContextHandler returns h if it is a [ContextHandler], and otherwise one that
// copies each request for h.
func AsContextHandler(h http.Handler) ContextHandler {
	if h, ok := h.(ContextHandler); ok {
		return h
	}
	return copying{h}
}

// copying is a handler that copies requests to give them another context.
type copying struct{ http.Handler }

func (h copying) ServeContext(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	if f, ok := ctx.(respond.ErrorWriter); ok {
		ctx = respond.WithErrorWriter(ctx, f.WriteError)
	}
	inner := r.WithContext(ctx)
	defer respond.HandOut(r, inner)
	h.ServeHTTP(w, inner)
}

// handler is the middleware of a manager.
type handler struct {
	m    *Manager
	next http.Handler
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	outer := innermostOf(ctx)
	if outer != nil && exchangeOf(ctx, h.m) != nil {
		h.next.ServeHTTP(w, r)
		return
	}
	h.serve(ctx, outer, w, r)
}

func (h *handler) ServeContext(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	outer := innermostOf(ctx)
	if outer != nil && exchangeOf(ctx, h.m) != nil {
		copying{h.next}.ServeContext(ctx, w, r)
		return
	}
	h.serve(ctx, outer, w, r)
}

// serve serves a request that has no session of this manager yet.
func (h *handler) serve(ctx context.Context, outer *Exchange, w http.ResponseWriter, r *http.Request) {
	x := &httpExchange{Exchange: Exchange{parent: ctx, m: h.m}}
	x.r = r.WithContext(x.context())
	x.w.Init(w, x)
	if outer != nil {
		outer.inner = &x.Exchange
		h.m.compare(outer)
	}
	defer x.end(r)
	h.next.ServeHTTP(&x.w, x.r)
	x.returned = true
}

// Carried notes that the token is on its way.
func (x *httpExchange) Carried() { x.carried.Store(true) }

// lost reports whether the handler took over the connection and did not write a
// head that the token could travel with.
func (x *httpExchange) lost() bool { return x.awaited && !x.carried.Load() }

// httpExchange is an HTTP request on its way through one manager.
type httpExchange struct {
	Exchange
	w respond.Writer

	varies   [1]string
	carried  atomic.Bool // the token went with a head that the handler wrote itself
	awaited  bool        // which is what it should do
	pending  bool        // the header holds a token that must arrive
	page     errorPage   // was sent instead of the response
	returned bool        // the handler returned, neither panicked nor exited
}

// errorPage says how much of the error page was sent.
type errorPage byte

const (
	noPage errorPage = iota
	begunPage
	wholePage
)

// Begin saves the session and completes the header; respond calls it.
func (x *httpExchange) Begin(status int, h http.Header) error {
	reply, err := x.respond(x.context(), status, h, &x.varies)
	x.pending = x.pending || reply.vital && !x.ticketed()
	return err
}

// Fail answers instead of the handler when the session could not be saved.
func (x *httpExchange) Fail(w http.ResponseWriter, err error) {
	x.page = begunPage
	x.vary(w.Header(), &x.varies)
	for saved := &x.Exchange; saved != nil; saved = saved.inner {
		if r := saved.reply(); r.action == Set && (saved != &x.Exchange || !gone(err)) { // after which others may have sent a newer token
			saved.write(w.Header(), r) // of a save that went well before
		}
	}
	x.fail(w, x.r, err)
	x.page = wholePage
}

// fail writes the error page.
func (x *Exchange) fail(w http.ResponseWriter, r *http.Request, err error) {
	_ = x.tell(err)
	x.m.opts.ErrorHandler(w, r, err)
}

// Carry returns the header fields with a token that must arrive.
func (x *httpExchange) Carry() http.Header {
	if !x.pending {
		return nil
	}
	x.awaited = true
	h := http.Header{}
	x.write(h, x.reply())
	return h
}

// end finishes the request: the response if the handler did not begin it,
// then what was changed after it began.
func (x *httpExchange) end(outer *http.Request) {
	defer x.close() // also if an encoder of the user's panics here
	respond.HandOut(outer, x.r)
	if form := x.r.MultipartForm; form != nil && outer.ProtoMajor == 2 && innermostOf(x.parent) == nil {
		_ = form.RemoveAll() // which the server of HTTP/2 forgets since Go 1.27
	}
	if !x.returned {
		x.abandon()
		if x.page == wholePage {
			if v := recover(); v != nil && !x.gaveUp(v) {
				panic(v)
			}
		}
		return
	}
	s, loaded := x.session.Peek()
	bypassed := loaded && !x.w.Begun() && s.needsClient() && x.w.Bypassed()
	if bypassed {
		x.begun.Store(true)
	} else {
		x.w.Finish()
		s, loaded = x.session.Peek()
	}
	switch {
	case !loaded:
		return
	case x.page == noPage && !bypassed && !x.lost() && s.closeIfQuiet():
		x.session.Close() // so that close has nothing left to do
		return
	case x.page != noPage: // what could not be saved is given up
		if s.destroyedSince() { // but not what was destroyed afterwards
			_ = x.drop()
		}
		return
	}
	var err error
	for range 4 { // what goroutines of the handler do in the meantime still counts
		seen := s.changeCount()
		if _, err = x.commit(x.context(), x.w.Status()); err != nil || s.closeIf(seen) {
			break
		}
	}
	switch left := s.leave(); {
	case bypassed:
		err = errBypassed
	case err == nil && left:
		err = errUnsettled
	case err == nil && x.lost():
		err = errHijacked
	}
	if err != nil {
		x.m.event(x.context(), Event{Kind: EventUnsaved, ID: s.ID(), Subject: s.Subject(), Err: err})
		if x.m.opts.AbortUnsaved {
			panic(http.ErrAbortHandler)
		}
	}
}

// gaveUp reports whether a handler panicked with v because it could not write
// its response: huma does, and httputil.ReverseProxy. The error page is complete,
// but the server would drop what it has not yet sent of it.
func (x *httpExchange) gaveUp(v any) bool {
	err, ok := v.(error)
	return ok && (errors.Is(err, x.w.Err()) || err == http.ErrAbortHandler)
}

// abandon is the end after the handler panicked or exited: only what it
// destroyed is carried out. Middleware outside may still answer, so the header
// says what it must.
func (x *httpExchange) abandon() {
	_ = x.drop()
	if x.w.Begun() || x.w.Hijacked() {
		return
	}
	x.begun.Store(true)
	h := x.w.Header()
	x.vary(h, &x.varies)
	x.put(h, x.reply())
}

// Load returns the session of the request that ctx belongs to, as
// [Manager.Load] does. If several managers are chained, it is that of the
// innermost.
func Load(ctx context.Context) (*Session, error) {
	x := innermostOf(ctx)
	if x == nil {
		return nil, errOutside
	}
	return x.load(ctx)
}

// Load opens the key's value in the session that [Load] returns, as [Key.Open]
// does.
func (k Key[T]) Load(ctx context.Context) (*Typed[T], error) {
	s, err := Load(ctx)
	if err != nil {
		return nil, err
	}
	return k.Open(s)
}

// Load returns this manager's session of the request that ctx belongs to. The
// first call asks the store, later ones return the same session. It returns
// [ErrNoSession] if ctx comes from no such request, and [ErrUnavailable] if the
// store fails: never an empty session instead.
func (m *Manager) Load(ctx context.Context) (*Session, error) {
	x := exchangeOf(ctx, m)
	if x == nil {
		return nil, errOutside
	}
	return x.load(ctx)
}

// HandlerFunc returns a handler that needs the request's session: f gets it.
// If the session cannot be loaded, the manager's ErrorHandler answers.
func HandlerFunc(f func(http.ResponseWriter, *http.Request, *Session)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := Load(r.Context())
		if err != nil {
			Error(w, r, err)
			return
		}
		f(w, r, s)
	}
}

// HandlerFunc returns a handler that needs the value of the key: f gets the
// session with the value as Data, and what it changes is saved. If the session
// cannot be loaded, the manager's ErrorHandler answers. A value that cannot be
// decoded counts as absent; see [Options].Undecodable.
func (k Key[T]) HandlerFunc(f func(http.ResponseWriter, *http.Request, *Typed[T])) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t, err := k.Load(r.Context())
		if err != nil {
			Error(w, r, err)
			return
		}
		f(w, r, t)
	}
}

// Error answers a request whose session is not available, as [HandlerFunc]
// does: with the manager's ErrorHandler, and with an event if err has had none.
// It is for handlers that call [Load].
func (m *Manager) Error(w http.ResponseWriter, r *http.Request, err error) {
	if x := exchangeOf(r.Context(), m); x != nil {
		x.fail(w, r, err)
		return
	}
	if !hasEvent(err) { // such as that of a forgotten Handler
		m.event(r.Context(), Event{Kind: EventFailed, Err: err})
	}
	m.opts.ErrorHandler(w, r, err)
}

// Error answers a request whose session is not available, as [Manager.Error]
// does. If several managers are chained, the innermost answers.
func Error(w http.ResponseWriter, r *http.Request, err error) {
	x := innermostOf(r.Context())
	if x == nil {
		slog.Default().ErrorContext(r.Context(), err.Error(), "path", r.URL.Path)
		DefaultErrorHandler(w, r, err)
		return
	}
	x.fail(w, r, err)
}
