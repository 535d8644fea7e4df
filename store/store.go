// Package store defines the contract between package sessions and the place
// where records are kept: memory, a database or a cache.
//
// A store keeps small records by ID. It knows nothing about cookies, values or
// codecs. There is no upsert, so a record that was deleted can never come back
// through a write that was under way.
//
// The four methods of [Store] are required; [Toucher], [Sweeper], [Lister] and
// [Refresher] are optional. The comment of each method says what it must do, and the
// sections below apply to all of them. Package storetest checks the contract:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(*testing.T) store.Store { return mystore.New() })
//	}
//
// # Data
//
// The store owns Record.Data once Create or Save is called. The caller must
// not change it afterwards, so the store may keep it without a copy. The store
// must not write to it either, nor append to it in place, because the caller
// may still read it.
//
// The Data that Load and List return is shared. The caller may read it and
// must not change it. The store must not change it either: a later Save
// replaces the slice, not its bytes.
//
// # Concurrency
//
// Methods may be called from several goroutines at once. If the context has
// already ended, a method returns the context's error, bare or wrapped, and
// does nothing.
//
// # Errors
//
// [ErrExists], [ErrNotFound] and [ErrConflict] may be returned bare or wrapped.
// After one of them, the operation does not take effect later.
//
// After any other error the outcome is unknown. The operation may have
// happened, or it may still take effect later, until the deadline of its
// context. It must never take effect after that deadline has passed. The
// manager loads the record again before it repeats such a write.
//
// A store may repeat an operation whose answer was lost, and so may the driver
// below it. If the first attempt succeeded, the second one returns ErrExists
// or ErrConflict because of the caller's own write. The caller must tolerate
// this. The manager marks each write in Data, so that it recognizes its own
// write after a conflict; after ErrExists it creates the record under another
// ID.
//
// # Wrappers
//
// A store that wraps any other store implements the optional methods, too. It
// returns [errors.ErrUnsupported] from those that the wrapped store lacks;
// callers then treat them as missing.
package store

import (
	"context"
	"errors"
	"time"
)

// Errors of a store; compare them with [errors.Is].
var (
	// ErrExists is returned by Create if the ID is taken.
	ErrExists = errors.New("store: record exists")
	// ErrNotFound is returned by Load if there is no live record.
	ErrNotFound = errors.New("store: record not found")
	// ErrConflict is returned by Save and Touch if the record is missing,
	// expired or at another version than the caller's.
	ErrConflict = errors.New("store: record changed or gone")
)

// Record is one session as a store keeps it.
type Record struct {
	// ID is the key: 1 to 128 bytes of any text. It is not a credential.
	ID string
	// Version is 1 after Create and grows by one with each Save.
	Version uint64
	// Expires is when the record expires, 9999-12-31 in UTC at the latest. An
	// expired record is never returned, even if the backend still holds it. A
	// store keeps times with a precision of a millisecond or better, and never
	// rounds an expiry up by more than that.
	Expires time.Time
	// Subject is the owner of the record: any text, or empty if it has none.
	// Create and Save may refuse a subject that is not UTF-8.
	Subject string
	// Data is opaque to the store: any bytes up to the backend's limit, or
	// none.
	Data []byte
}

// Store keeps records. Each method is one atomic step.
type Store interface {
	// Create inserts r at version 1, whatever r.Version is. It returns
	// [ErrExists] if the ID is taken, and leaves the existing record
	// unchanged. An ID may count as taken although its record has expired.
	//
	// If several calls create the same ID, exactly one succeeds.
	Create(ctx context.Context, r Record) error

	// Load returns the record as it was last stored. It returns [ErrNotFound]
	// if there is none or it has expired.
	//
	// Load sees every write that returned before Load was called. A
	// [Refresher] may promise this for the writes of its own process alone.
	Load(ctx context.Context, id string) (Record, error)

	// Save replaces data, expiry and subject of a live record whose version is
	// r.Version, and stores them under version r.Version+1. The new expiry may
	// be earlier than the old one. Otherwise Save returns [ErrConflict] and
	// changes nothing.
	//
	// If several calls save the same version, exactly one succeeds.
	Save(ctx context.Context, r Record) error

	// Delete removes the record, whatever its version. It returns nil if there
	// is none.
	Delete(ctx context.Context, id string) error
}
