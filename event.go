package sessions

import (
	"context"
	"log/slog"
)

// EventKind names what happened to a session.
type EventKind string

// The kinds of events. Those marked with a problem are logged by
// slog.Default where Options.OnEvent is nil.
const (
	EventCreated     EventKind = "created"     // first saved
	EventRenewed     EventKind = "renewed"     // got a new id and token; OldID is the one before
	EventDestroyed   EventKind = "destroyed"   // ended by Destroy, Revoke, or by losing its last value
	EventExpired     EventKind = "expired"     // a well-formed token whose session is over or never was
	EventRejected    EventKind = "rejected"    // a malformed or wrong token, or two different ones
	EventCorrupt     EventKind = "corrupt"     // problem: the record cannot be read, and was left as it is
	EventConflict    EventKind = "conflict"    // problem: not saved before the time was over, others kept writing
	EventGone        EventKind = "gone"        // changes dropped: the session ended while the request ran
	EventUnsaved     EventKind = "unsaved"     // problem: changes made after the response began could not be saved
	EventUnavailable EventKind = "unavailable" // problem: the store failed
	EventFailed      EventKind = "failed"      // problem: a value cannot be read or saved, and the response is the error page
)

func (k EventKind) problem() bool {
	switch k {
	case EventCorrupt, EventConflict, EventUnsaved, EventUnavailable, EventFailed:
		return true
	}
	return false
}

// Event tells what happened to a session. It never holds a token, so it can
// be logged as it is; it is a slog.LogValuer.
type Event struct {
	Kind    EventKind
	ID      string // the session's, if known
	OldID   string // after a renewal, the id before it
	Subject string // whose session it is, if known
	Err     error  // why, where something failed
}

// LogValue groups the fields that are set.
func (e Event) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("kind", string(e.Kind))}
	for _, a := range []slog.Attr{slog.String("id", e.ID), slog.String("old_id", e.OldID), slog.String("subject", e.Subject)} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", e.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}

// unscoped hides the session from who is called while it is locked.
type unscoped struct{ context.Context }

func (c unscoped) Value(key any) any {
	if isScope(key) {
		return nil
	}
	return c.Context.Value(key)
}

func (m *Manager) event(ctx context.Context, e Event) {
	ctx = unscoped{ctx}
	switch {
	case m.opts.OnEvent != nil:
		m.opts.OnEvent(ctx, e)
	case e.Kind.problem():
		slog.Default().LogAttrs(ctx, slog.LevelWarn, "sessions", slog.Any("event", e))
	}
}
