package login

import (
	"context"
	"log/slog"
)

// EventKind names what happened to a login.
type EventKind string

// The kinds of events. Those marked as a problem are logged by slog.Default
// if Options.OnEvent is nil.
const (
	EventLogin     EventKind = "login"     // somebody signed in
	EventLogout    EventKind = "logout"    // somebody signed out
	EventConfirmed EventKind = "confirmed" // a user authenticated again
	EventChanged   EventKind = "changed"   // a user changed their password or second factor, by ChangeAuthHash
	EventRevoked   EventKind = "revoked"   // a session was ended from elsewhere, or all sessions of a user, or all but one
	EventEvicted   EventKind = "evicted"   // a session was ended by a login beyond Options.MaxSessions
	EventEnded     EventKind = "ended"     // a session was ended because its user is gone or has a new auth hash
	EventDenied    EventKind = "denied"    // credentials proved nobody
	EventFailed    EventKind = "failed"    // problem: the backend failed
	EventBusy      EventKind = "busy"      // problem: too many passwords wait to be checked
)

func (k EventKind) problem() bool { return k == EventFailed || k == EventBusy }

// Event describes what happened to a login. It never holds a token or
// credentials, so it can be logged as it is; it is a slog.LogValuer.
type Event struct {
	Kind      EventKind
	UserID    string // the user's, if known
	SessionID string // the session's, if known; not a credential
	Err       error  // the cause, if something failed or was denied
}

// LogValue groups the fields that are set.
func (e Event) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("kind", string(e.Kind))}
	if e.UserID != "" {
		attrs = append(attrs, slog.String("user", e.UserID))
	}
	if e.SessionID != "" {
		attrs = append(attrs, slog.String("session", e.SessionID))
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
	ctx = m.apart(ctx)
	switch {
	case m.opts.OnEvent != nil:
		m.opts.OnEvent(ctx, e)
	case e.Kind.problem():
		slog.Default().LogAttrs(ctx, slog.LevelWarn, "login", slog.Any("event", e))
	}
}
