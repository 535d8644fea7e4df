package sessions

import (
	"errors"
	"log/slog"
)

// EventKind names what happened to a session.
type EventKind string

// The kinds of events. Those marked as a problem are logged by [slog.Default]
// if Options.OnEvent is nil.
const (
	EventCreated     EventKind = "created"     // first saved
	EventRenewed     EventKind = "renewed"     // got a new token
	EventDestroyed   EventKind = "destroyed"   // ended by Destroy, Revoke, RevokeAll or an Expiry in the past
	EventExpired     EventKind = "expired"     // a well-formed token whose session is over or never was
	EventRejected    EventKind = "rejected"    // a malformed or wrong token, or two different ones
	EventReused      EventKind = "reused"      // problem: a token that was replaced is still used; a lost response, or theft
	EventCorrupt     EventKind = "corrupt"     // problem: the record cannot be read, and was left as it is
	EventConflict    EventKind = "conflict"    // problem: not saved within SaveTimeout, because others kept writing
	EventGone        EventKind = "gone"        // changes dropped: the session ended while the request ran
	EventUnsaved     EventKind = "unsaved"     // problem: changes made after the response began could not be saved
	EventUnavailable EventKind = "unavailable" // problem: the store failed
	EventRefused     EventKind = "refused"     // no session began: in a request of another site, outside of the cookie's path, with a ticket, or because of Options.BeforeCreate
	EventUnswept     EventKind = "unswept"     // problem: expired records pile up in the store, because this process does not run Manager.Sweep, or it cannot keep up
	EventMisused     EventKind = "misused"     // problem, told once for each cause: the program or its server is set up so that sessions get lost
	EventFailed      EventKind = "failed"      // problem: an error without an event of its own, such as a value that cannot be read or saved; the response is the error page
	EventUndecodable EventKind = "undecodable" // problem: a value cannot be decoded and counts as absent; Err is a [CodecError]
)

func (k EventKind) problem() bool {
	switch k {
	case EventReused, EventCorrupt, EventConflict, EventUnsaved, EventUnavailable, EventUnswept, EventMisused, EventFailed, EventUndecodable:
		return true
	}
	return false
}

// Event describes what happened to a session. It never holds a token, so it
// can be logged as it is; it is a [slog.LogValuer].
type Event struct {
	Kind    EventKind
	ID      string // the session's, if known
	Subject string // whose session it is, if known
	Err     error  // the cause, if something failed
}

// LogValue groups the fields that are set.
func (e Event) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("kind", string(e.Kind))}
	for _, a := range []slog.Attr{slog.String("id", e.ID), slog.String("subject", e.Subject)} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", e.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}

// eventOf returns the kind of event that an error of a commit is, or "".
func eventOf(err error) EventKind {
	switch {
	case errors.Is(err, ErrRefused):
		return EventRefused
	case errors.Is(err, ErrConflict):
		return EventConflict
	case gone(err):
		return EventGone
	case errors.Is(err, ErrCorrupt):
		return EventCorrupt
	case errors.Is(err, ErrUnavailable):
		return EventUnavailable
	}
	return ""
}

// told is an error that has been an event, although it is none by its kind.
type told struct{ error }

func (t told) Unwrap() error { return t.error }

// hasEvent reports whether an error has been an event.
func hasEvent(err error) bool { return eventOf(err) != "" || errors.As(err, new(told)) }
