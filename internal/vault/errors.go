package vault

import (
	"errors"
	"fmt"

	"github.com/gosessions/sessions/store"
)

// The errors of a Vault. Package sessions exports them under the same names,
// so their texts begin with its name.
var (
	ErrNotFound    error = &sentinel{"sessions: session not found", store.ErrNotFound}
	ErrConflict    error = &sentinel{"sessions: other requests kept changing the session until Options.SaveTimeout was over", store.ErrConflict}
	ErrCorrupt           = errors.New("sessions: record is corrupt")
	ErrUnavailable       = errors.New("sessions: store is unavailable")
)

// The kinds of [ErrNotFound] for a record that is there.
var (
	ErrExpired = fmt.Errorf("%w: it has expired", ErrNotFound)
	ErrForeign = fmt.Errorf("%w: it is of another namespace", ErrNotFound)
)

// ErrTaken is returned by [Write.Create] for an id that another session has.
var ErrTaken = errors.New("sessions: id is taken")

// ErrMissing is an [ErrUnavailable] of [Write.Create]: it failed, and the record
// was not there afterwards.
var ErrMissing = fmt.Errorf("%w: create", ErrUnavailable)

// sentinel is an error that also matches the error of a store with the same
// meaning.
type sentinel struct {
	text string
	same error
}

func (e *sentinel) Error() string        { return e.text }
func (e *sentinel) Is(target error) bool { return target == e.same }

// ErrForgotten is an [ErrUnavailable] of [Write.Replace]: the write may have
// taken effect, and nothing tells any more.
var ErrForgotten = fmt.Errorf("%w: the record changed more than %d times before the outcome of a save could be read", ErrUnavailable, writesRemembered)

// unavailable wraps an error of the store.
func unavailable(operation string, err error) error {
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, operation, err)
}
