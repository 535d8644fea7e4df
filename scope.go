package sessions

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/gosessions/sessions/internal/lazy"
	"github.com/gosessions/sessions/internal/respond"
)

// scope is one request on its way through one manager: the context that the
// handler sees, its response writer, and its session once it is asked for.
type scope struct {
	context.Context
	m       *Manager
	r       *http.Request // as the handler sees it
	w       respond.Writer
	session lazy.Value[*Session]

	inner    *scope // of another manager, next in the chain
	varies   [1]string
	pending  bool // the header holds our cookie
	failed   bool // the error page was sent instead of the response
	returned bool // the handler returned, neither panicked nor exited
}

type (
	innermost struct{}             // context key of the scope next to the handler
	managed   struct{ m *Manager } // context key of one manager's scope
)

func newScope(m *Manager, w http.ResponseWriter, r *http.Request, outer *scope) *scope {
	sc := &scope{Context: r.Context(), m: m}
	if outer != nil {
		outer.inner = sc
	}
	sc.r = r.WithContext(sc)
	sc.w.Init(w, sc)
	return sc
}

// isScope reports whether a context key is one of a scope.
func isScope(key any) bool {
	switch key.(type) {
	case innermost, managed:
		return true
	}
	return false
}

// scopeOf returns a manager's scope, or nil.
func scopeOf(ctx context.Context, m *Manager) *scope {
	sc, _ := ctx.Value(managed{m}).(*scope)
	return sc
}

// Value finds the scope itself, and else what the request's context holds.
func (sc *scope) Value(key any) any {
	switch k := key.(type) {
	case innermost:
		return sc
	case managed:
		if k.m == sc.m {
			return sc
		}
	}
	return sc.Context.Value(key)
}

func (sc *scope) load(ctx context.Context) (*Session, error) {
	s, err := sc.session.Get(func() (*Session, error) { return sc.m.load(ctx, sc) })
	if errors.Is(err, lazy.ErrClosed) {
		return nil, errReturned
	}
	return s, err
}

// cookieFits reports whether a cookie can still be sent; a nil scope has no
// response.
func (sc *scope) cookieFits() bool { return sc != nil && !sc.w.Begun() }

// Begin saves the session and completes the header; respond calls it.
func (sc *scope) Begin(status int, h http.Header) error {
	vary(h, &sc.varies)
	s, ok := sc.session.Peek()
	if !ok {
		return nil
	}
	if c, ok := s.settled(commitBegin); ok {
		sc.put(h, c)
		return nil
	}
	how := commitBegin
	late := sc.late()
	if late || sc.discards(status) {
		how = commitDiscard
	}
	lost := late && !sc.discards(status) && s.changed()
	if err := s.commit(sc, how, nil); err != nil {
		return err
	}
	if lost {
		return errLate
	}
	sc.putCookie(s, h)
	return nil
}

// discards reports whether changes are dropped because the response says that
// the request failed.
func (sc *scope) discards(status int) bool { return status >= 500 && !sc.m.opts.SaveOnError }

// late reports whether the request's time is over: http.TimeoutHandler, if
// that is why, has answered already.
func (sc *scope) late() bool { return errors.Is(sc.Err(), context.DeadlineExceeded) }

// putCookie writes the cookie that the session asks for.
func (sc *scope) putCookie(s *Session, h http.Header) {
	s.mu.Lock()
	c := s.cookie
	s.mu.Unlock()
	sc.put(h, c)
}

func (sc *scope) put(h http.Header, c cookieChange) {
	sc.pending = sc.pending || c.vital
	sc.m.write(h, c)
}

// Fail answers in the handler's stead when the session could not be saved.
func (sc *scope) Fail(w http.ResponseWriter, err error) {
	sc.failed = true
	vary(w.Header(), &sc.varies)
	if !errors.Is(err, ErrNotFound) { // after which others may have sent a newer cookie
		for saved := sc; saved != nil; saved = saved.inner {
			if s, ok := saved.session.Peek(); ok && s.hasCookie() {
				saved.putCookie(s, w.Header()) // of a save that went well before
			}
		}
	}
	sc.answer(w, sc.r, err)
}

// answer sends the error page, and tells a cause that has no event yet.
func (sc *scope) answer(w http.ResponseWriter, r *http.Request, err error) {
	if eventOf(err) == "" {
		e := Event{Kind: EventFailed, Err: err}
		if s, ok := sc.session.Peek(); ok {
			e.ID, e.Subject = s.ID(), s.Subject()
		}
		sc.m.event(sc, e)
	}
	sc.m.opts.ErrorHandler(w, r, err)
}

// Pending refuses a raw hijack of a response that carries our cookie.
func (sc *scope) Pending() error {
	if sc.pending {
		return ErrHeadersSent
	}
	return nil
}

// end finishes the request: the response if the handler did not begin it,
// then what was changed after it began.
func (sc *scope) end() {
	defer sc.close() // also if an encoder of the user's panics here
	if !sc.returned {
		sc.abandon()
		return
	}
	sc.w.Finish()
	s, loaded := sc.session.Peek()
	if !loaded || sc.failed || s.closeIfSettled() { // what could not be saved is given up
		return
	}
	how := commitLate
	lost := sc.late() && !sc.discards(sc.w.Status()) && s.changed()
	if lost || sc.discards(sc.w.Status()) {
		how = commitDiscard
	}
	err := s.commit(sc, how, nil)
	for range 3 { // what goroutines of the handler do meanwhile still counts
		if err != nil || s.closeIfSaved() {
			break
		}
		err = s.commit(sc, how, nil)
	}
	if err == nil && lost {
		err = errLate
	}
	if err != nil {
		sc.m.event(sc, Event{Kind: EventUnsaved, ID: s.ID(), Subject: s.Subject(), Err: err})
		if sc.m.opts.AbortUnsaved {
			panic(http.ErrAbortHandler)
		}
	}
}

// abandon is the end where the handler panicked or exited: only what it
// destroyed is carried out. Somebody outside may still answer, so the header
// says what it must.
func (sc *scope) abandon() {
	s, loaded := sc.session.Peek()
	if loaded {
		_ = s.commit(sc, commitDiscard, nil)
	}
	if sc.w.Begun() || sc.w.Hijacked() {
		return
	}
	h := sc.w.Header()
	vary(h, &sc.varies)
	if loaded {
		sc.putCookie(s, h)
	}
}

// close ends the use of the session.
func (sc *scope) close() {
	if s, loaded := sc.session.Close(); loaded {
		s.close()
	}
}

// Format prints nothing of the request, whose header holds the token.
func (sc *scope) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "sessions.scope("+sc.m.opts.Name+")")
}
