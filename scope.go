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

	varies   [1]string
	pending  bool // the header holds our cookie
	failed   bool // the error page was sent instead of the response
	returned bool // the handler returned, neither panicked nor exited
}

type (
	innermost struct{}             // context key of the scope next to the handler
	managed   struct{ m *Manager } // context key of one manager's scope
)

func newScope(m *Manager, w http.ResponseWriter, r *http.Request) *scope {
	sc := &scope{Context: r.Context(), m: m}
	sc.r = r.WithContext(sc)
	sc.w.Init(w, sc)
	return sc
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
	how := commitBegin
	if sc.discards(status) {
		how = commitDiscard
	}
	if err := s.commit(sc, how, nil); err != nil {
		return err
	}
	sc.putCookie(s, h)
	return nil
}

// discards reports whether changes are dropped: the response says that the
// request failed, or http.TimeoutHandler has said so already.
func (sc *scope) discards(status int) bool {
	return status >= 500 && !sc.m.opts.SaveOnError || errors.Is(sc.Err(), context.DeadlineExceeded)
}

// putCookie writes the cookie that the session asks for, once.
func (sc *scope) putCookie(s *Session, h http.Header) {
	s.mu.Lock()
	c := s.cookie
	s.cookie = cookieChange{}
	s.mu.Unlock()
	sc.pending = sc.pending || c.kind != cookieKept
	sc.m.write(h, c)
}

// Fail answers in the handler's stead when the session could not be saved.
func (sc *scope) Fail(w http.ResponseWriter, err error) {
	sc.failed = true
	vary(w.Header(), &sc.varies)
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
	if !loaded || sc.failed { // what could not be saved is given up
		return
	}
	how := commitLate
	if sc.discards(sc.w.Status()) {
		how = commitDiscard
	}
	if err := s.commit(sc, how, nil); err != nil {
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
