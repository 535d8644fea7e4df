// Package store holds the contract between package sessions and a place that
// keeps records: memory, a database, a cache.
//
// A store knows nothing of cookies, values or codecs. It keeps small records
// by id, and it never decides alone that a record exists again. That is the
// heart of the contract: there is no upsert, so a record that was deleted can
// never come back through a write that was under way.
//
// # The contract
//
// Every sentence below is a clause of package storetest, which a store for
// your own database passes unchanged.
//
// Create inserts a record that is absent, at version 1, whatever Version it
// is given. It returns ErrExists for an id that is taken and leaves the
// record that is there alone. Of parallel creates of one id exactly one
// succeeds. An id whose record has expired may be reported as taken.
//
// Load returns the record as it was last stored, or ErrNotFound if there is
// none or it has expired: no expired record is ever returned, even one that
// the backend has not collected yet. A load sees every write that returned
// before it began.
//
// Save replaces a record if its version is still r.Version, and stores it
// under r.Version+1: data, expiry and subject together. It returns
// ErrConflict if the record is missing, expired or at another version, and
// then changes nothing. Of parallel saves of one version exactly one
// succeeds.
//
// Delete removes a record. Deleting what is not there is no error.
//
// An id is 1 to 128 bytes of any text, data is any bytes up to the backend's
// limit, empty included. A subject is any text; the empty one means nobody.
// Times are kept to the millisecond at least, and a store never rounds an
// expiry up by more than that.
//
// A store copies what it keeps: the caller may reuse r.Data once Create or
// Save has returned. The Data that Load returns is the caller's to read, not
// to change, and it never changes under the caller.
//
// A method that is given a context that has ended returns its error, wrapped
// or bare, and does nothing. Methods may be called from many goroutines. An
// error other than the three below means that the outcome is unknown: the
// operation may or may not have happened.
//
// Touch, Sweep and List are optional. A store that wraps any other has them
// all, and returns errors.ErrUnsupported from those that the other lacks,
// which is as if it had not.
package store

import (
	"context"
	"errors"
	"time"
)

// Errors that a store returns bare or wrapped; callers use errors.Is.
var (
	// ErrExists is returned by Create for an id that is taken.
	ErrExists = errors.New("store: record exists")
	// ErrNotFound is returned by Load where there is no live record.
	ErrNotFound = errors.New("store: record not found")
	// ErrConflict is returned by Save and Touch when the record is not at the
	// version that the caller has seen. Load tells whether it changed or is
	// gone.
	ErrConflict = errors.New("store: record changed or gone")
)

// Record is what a store keeps under an id.
type Record struct {
	ID      string    // the key; not a credential
	Version uint64    // 1 at Create, one more at each Save
	Expires time.Time // from this moment on the record is not found
	Subject string    // whose record it is; "" for nobody's
	Data    []byte    // opaque
}

// Store keeps records. Each method is one atomic step.
type Store interface {
	Create(ctx context.Context, r Record) error
	Load(ctx context.Context, id string) (Record, error)
	Save(ctx context.Context, r Record) error
	Delete(ctx context.Context, id string) error
}
