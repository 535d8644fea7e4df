package sessions

import (
	"context"
	"errors"
	"fmt"

	"github.com/gosessions/sessions/store"
)

// Errors that a caller may want to tell apart with errors.Is. They come
// wrapped with what led to them.
var (
	// ErrNoSession means that the context belongs to no request that passed
	// Manager.Handler (or that one in between made a context of its own), or
	// that the handler of that request has returned.
	ErrNoSession = errors.New("sessions: no session")
	// ErrNotFound means that the session's record is gone: destroyed,
	// revoked, or expired.
	ErrNotFound = store.ErrNotFound
	// ErrConflict means that other requests kept changing the session until
	// the time for saving was over. Nothing of this request was saved.
	ErrConflict = store.ErrConflict
	// ErrCorrupt means that the store holds bytes that are no session.
	ErrCorrupt = errors.New("sessions: record is corrupt")
	// ErrTooLarge means that the change would take the session over
	// Options.MaxBytes. The change was not made.
	ErrTooLarge = errors.New("sessions: session is too large")
	// ErrUnavailable means that the store did not answer as it should. It
	// says nothing about the session; default answer 503.
	ErrUnavailable = errors.New("sessions: store is unavailable")
	// ErrHeadersSent means that the change needs a new cookie, and the
	// response that would carry it has begun, or there is none.
	ErrHeadersSent = errors.New("sessions: headers are sent, no cookie can follow")
)

// CodecError tells which value could not be encoded or decoded. The session
// is as it was before the call.
type CodecError struct {
	Op  string // "encode" or "decode"
	Key string // session key
	Err error  // what the codec said
}

func (e *CodecError) Error() string {
	return fmt.Sprintf("sessions: %s %q: %v", e.Op, e.Key, e.Err)
}

// Unwrap returns what the codec said.
func (e *CodecError) Unwrap() error { return e.Err }

var (
	errOutside  = fmt.Errorf("%w: the request did not pass Manager.Handler", ErrNoSession)
	errReturned = fmt.Errorf("%w: its handler has returned", ErrNoSession)
	errLate     = fmt.Errorf("sessions: not saved, for the request's time was over before its response began: %w", context.DeadlineExceeded)
)

// unavailable wraps what a store said, unless it is one of our own errors.
func unavailable(op string, err error) error {
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, op, err)
}
