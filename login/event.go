package login

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
)

// EventKind names what happened to a login.
type EventKind string

// The kinds of events. Those marked as a problem are logged by [slog.Default]
// if Options.OnEvent is nil.
const (
	EventLogin     EventKind = "login"      // somebody signed in
	EventLogout    EventKind = "logout"     // somebody signed out
	EventConfirmed EventKind = "confirmed"  // a user authenticated again
	EventChanged   EventKind = "changed"    // a user changed their password or second factor, by ChangeAuthHash
	EventRevoked   EventKind = "revoked"    // a session was ended from elsewhere, or all sessions of a user, or all but one
	EventEvicted   EventKind = "evicted"    // a session was ended by a login beyond Options.MaxSessions
	EventRefused   EventKind = "refused"    // a login was refused at Options.MaxSessions
	EventEnded     EventKind = "ended"      // a session was ended because its user is gone or has a new auth hash
	EventDenied    EventKind = "denied"     // credentials proved nobody
	EventForbidden EventKind = "forbidden"  // Manager.Error answered that the user may not do this, or the form was of another site
	EventNotRecent EventKind = "not-recent" // Manager.Error answered that the user must authenticate again
	EventFailed    EventKind = "failed"     // problem: the backend failed
	EventBusy      EventKind = "busy"       // problem: too many passwords wait to be checked
)

func (k EventKind) problem() bool { return k == EventFailed || k == EventBusy }

// Event describes what happened to a login. It is a [slog.LogValuer] and never
// holds a token or credentials, so it can be logged as it is. Only Account needs
// care.
type Event struct {
	Kind      EventKind
	UserID    string // the user's, if known
	SessionID string // the session's, if known; not a credential

	// Account is the name that was tried, for EventDenied, if the credentials
	// are an [AccountNamer]. It is what the visitor typed, which may be a
	// password by mistake: do not keep it for long. It has no control
	// characters, and is cut off after 200 characters.
	Account string
	// By is the user who did it, if Authenticate failed or sessions were ended:
	// the one who is signed in to the request. It is empty if nobody is, or
	// outside of a request.
	By string
	// RemoteAddr is that of the http.Request, as [Manager.Handler] got it. Behind
	// a proxy it is the proxy's, unless middleware outside of Handler replaces
	// it. It is empty outside of a request.
	RemoteAddr string
	// Pattern is that of the http.Request, for EventForbidden and
	// EventNotRecent: "GET /admin/{id}". It is empty with routers that set none.
	Pattern string

	Err error // the cause, if something failed or was denied
}

// LogValue groups the fields that are set.
func (e Event) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("kind", string(e.Kind))}
	for _, a := range []slog.Attr{
		slog.String("user", e.UserID), slog.String("session", e.SessionID), slog.String("account", e.Account),
		slog.String("by", e.By), slog.String("remote", e.RemoteAddr), slog.String("pattern", e.Pattern),
	} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", e.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}

func (m *Manager[U, C]) event(ctx context.Context, e Event) {
	if e.Kind == EventFailed && ctx.Err() == context.Canceled {
		return // a client that went away says nothing about the backend
	}
	e.RemoteAddr, _ = ctx.Value(remoteAddr{}).(string)
	ctx = m.apart(ctx)
	switch {
	case m.opts.OnEvent != nil:
		m.opts.OnEvent(ctx, e)
	case e.Kind.problem():
		slog.Default().LogAttrs(ctx, slog.LevelWarn, "login", slog.Any("event", e))
	}
}

// refused tells that a request was answered with an error that concerns the
// user.
func (m *Manager[U, C]) refused(r *http.Request, err error) {
	e := Event{Pattern: r.Pattern, Err: err}
	switch {
	case errors.Is(err, ErrForbidden):
		e.Kind = EventForbidden
	case errors.Is(err, ErrNotRecent):
		e.Kind = EventNotRecent
	default:
		return
	}
	if !errors.Is(err, errOtherSite) { // which shall not cause loads
		if s, err := m.sessions.Load(r.Context()); err == nil {
			e.UserID, e.SessionID = s.Subject(), s.ID()
		}
	}
	m.event(r.Context(), e)
}

// actor returns the user whose session the request has, or "".
func (m *Manager[U, C]) actor(ctx context.Context) string {
	s, err := m.sessions.Load(ctx)
	if err != nil {
		return ""
	}
	return s.Subject()
}
