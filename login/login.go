package login

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/respond"
)

// Manager signs users in and out of the sessions of a [sessions.Manager]. It is
// made by [New], does not change, and is safe for concurrent use.
type Manager[U User, C any] struct {
	sessions *sessions.Manager
	backend  Backend[U, C]
	opts     Options // with defaults filled in
	key      sessions.Key[state]
	pages    *pages
}

// New returns a manager for the users of a backend. Go infers the types.
// Options that are missing or contradict each other are one error that names
// them all.
func New[U User, C any](m *sessions.Manager, b Backend[U, C], opts Options) (*Manager[U, C], error) {
	l := &Manager[U, C]{sessions: m, backend: b, opts: opts}
	if err := l.check(); err != nil {
		return nil, fmt.Errorf("login: %w", err)
	}
	l.key = sessions.Key[state](l.opts.Key)
	return l, nil
}

// Handler is middleware: it gives next a session, as [sessions.Manager.Handler]
// does, and a visitor, which next gets with [Manager.User] or one of the
// middlewares of this package. What [Manager.CheckOrigin] refuses never reaches
// next; only Options.ErrorHandler can ask who sent it.
//
// A request that does not ask who the visitor is costs no store operation and
// no question to the backend. If it asks and a user is signed in, the response
// has Cache-Control: no-store, unless next sets the header.
//
// When next returns, the request that Handler got has the Pattern and the forms
// that next has found, for middleware outside.
func (m *Manager[U, C]) Handler(next http.Handler) http.Handler {
	checked := m.opts.CrossOrigin.Handler(next)
	return m.sessions.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := checked
		if m.sessions.ExplicitToken(r) {
			h = next
		}
		if m.visit(r.Context()) != nil {
			h.ServeHTTP(w, r)
			return
		}
		v := m.newVisit(r.Context(), r.RemoteAddr)
		v.w.Init(w, v)
		inner := r.WithContext(v)
		defer respond.HandOut(r, inner) // also after a panic
		h.ServeHTTP(&v.w, inner)
		v.w.Finish()
	}))
}

// BeginRequest is Handler for servers whose response is not an
// [http.ResponseWriter], as [sessions.Manager.BeginRequest] is. Call
// [Manager.CheckOrigin] before, if browsers can send such requests.
func (m *Manager[U, C]) BeginRequest(r *http.Request) (context.Context, *sessions.Exchange) {
	ctx, x := m.sessions.BeginRequest(r)
	if m.visit(ctx) != nil {
		return ctx, x
	}
	return m.newVisit(ctx, r.RemoteAddr), x
}

// BeginRequestFunc is BeginRequest for a server whose requests are not of
// net/http, as [sessions.Manager.BeginRequestFunc] is. convert is also called
// when an event names the visitor's address.
func (m *Manager[U, C]) BeginRequestFunc(ctx context.Context, convert func() *http.Request) (context.Context, *sessions.Exchange) {
	ctx, x := m.sessions.BeginRequestFunc(ctx, convert)
	if m.visit(ctx) != nil {
		return ctx, x
	}
	v := m.newVisit(ctx, "")
	v.convert = convert
	return v, x
}

// CheckOrigin returns an error that matches [ErrForbidden] if Options.CrossOrigin
// refuses the request: because a page of another site sent it, and the browser
// may have added the visitor's cookie. A request with an explicit token (see
// [sessions.Manager.ExplicitToken]) is not refused, and neither is one whose
// method is GET, HEAD or OPTIONS.
func (m *Manager[U, C]) CheckOrigin(r *http.Request) error {
	if m.sessions.ExplicitToken(r) {
		return nil
	}
	if err := m.opts.CrossOrigin.Check(r); err != nil {
		return fmt.Errorf("%w: %w", errOtherSite, err)
	}
	return nil
}

// Authenticate returns the user whom credentials prove. It does not sign the
// user in; call [Manager.Login] for that. It returns [ErrCredentials] if the
// credentials prove nobody, also if the backend returns [ErrNoUser],
// [ErrBackend] if the backend failed, and [ErrBusy] if it returns that.
func (m *Manager[U, C]) Authenticate(ctx context.Context, credentials C) (U, error) {
	u, err := m.backend.Authenticate(m.apart(ctx), credentials)
	if err == nil {
		if err = named(u); err == nil {
			return u, nil
		}
	}
	var nobody U
	if err = m.failure("authenticate", err); errors.Is(err, ErrNoUser) {
		err = fmt.Errorf("%w: %w", ErrCredentials, err)
	}
	e := Event{Kind: EventDenied, Err: err}
	switch {
	case errors.Is(err, ErrBackend):
		e.Kind = EventFailed
	case errors.Is(err, ErrBusy):
		e.Kind = EventBusy
	}
	if c, ok := any(credentials).(AccountNamer); ok && e.Kind == EventDenied {
		e.Account = printable(c.AccountName())
	}
	if v := m.visit(ctx); v != nil {
		e.By = v.userID()
	}
	m.event(ctx, e)
	return nobody, err
}

// Format prints nothing secret, for every verb.
func (m *Manager[U, C]) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "login.Manager("+m.opts.Key+")")
}
