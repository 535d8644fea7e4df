// Package vault keeps session records in a store: it finds, creates, replaces,
// touches and deletes them.
//
// A vault knows records, versions, write ids, retries and deadlines. It knows
// nothing of HTTP, cookies, options or what a session's values mean.
//
// Every write is a compare-and-swap, so a record that was deleted never comes
// back. Every write has an id that the record remembers, so a write whose
// answer was lost is recognized and never made twice.
package vault

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/gosessions/sessions/internal/deadline"
	"github.com/gosessions/sessions/internal/envelope"
	"github.com/gosessions/sessions/store"
)

// Config describes a Vault. All fields but Hidden must be set.
type Config struct {
	Store store.Store
	// Namespace separates the records of vaults that share a store.
	Namespace   string
	LoadTimeout time.Duration // of one load, and of each step of a list
	SaveTimeout time.Duration // of one write with all its retries
	// End returns when a record of a subject is over that the store keeps until
	// it expires. The parameter and the result are Unix milliseconds.
	End func(r *envelope.Record, subject string, expires int64) int64
	// Hidden reports the context keys that a store must not see.
	Hidden func(key any) bool
}

// Vault keeps records in a store. It is safe for concurrent use.
type Vault struct {
	Config
	namespace uint64
	turns     turns
}

// New returns a vault.
func New(c Config) *Vault {
	sum := sha256.Sum256([]byte(c.Namespace))
	return &Vault{Config: c, namespace: binary.BigEndian.Uint64(sum[:])}
}

// Snapshot is a live record as the store was last seen to hold it. It does not
// change. The zero Snapshot is no record.
type Snapshot struct {
	ID      string
	Version uint64
	Expires int64 // Unix milliseconds
	Subject string
	Read    int64            // when it was read or written, Unix milliseconds
	Record  *envelope.Record // not to be changed
}

// Reading is the memory that one call of [Vault.Find] needs. It is used once,
// because a store may keep its context.
type Reading struct {
	ctx    deadline.Context
	record envelope.Record
}

// Find fills s, which is zero, with the live record of an id. It returns
// [ErrNotFound], [ErrCorrupt] or [ErrUnavailable]. A record that cannot be
// decoded is left as it is.
func (v *Vault) Find(ctx context.Context, id string, s *Snapshot, into *Reading) error {
	now := time.Now()
	into.ctx.Start(ctx, now.Add(v.LoadTimeout), v.Hidden)
	defer into.ctx.Stop()
	r, err := v.Store.Load(&into.ctx, id)
	return v.loaded(id, &r, err, s, into, now)
}

// Refresh is Find, but sees what other processes have written even if the
// store keeps records in memory. It is not ok if Find sees that, too.
func (v *Vault) Refresh(ctx context.Context, id string) (s Snapshot, ok bool, err error) {
	f, ok := v.Store.(store.Refresher)
	if !ok {
		return Snapshot{}, false, nil
	}
	now, into := time.Now(), new(Reading)
	into.ctx.Start(ctx, now.Add(v.LoadTimeout), v.Hidden)
	defer into.ctx.Stop()
	r, err := f.Refresh(&into.ctx, id)
	if errors.Is(err, errors.ErrUnsupported) {
		return Snapshot{}, false, nil
	}
	err = v.loaded(id, &r, err, &s, into, now)
	return s, true, err
}

// loaded fills s with what a store has loaded.
func (v *Vault) loaded(id string, r *store.Record, err error, s *Snapshot, into *Reading, now time.Time) error {
	switch {
	case err == nil:
		r.ID = id // the checksum covers it
		return v.decode(r, s, &into.record, now)
	case errors.Is(err, store.ErrNotFound):
		return ErrNotFound
	}
	return unavailable("load", err)
}

func (v *Vault) decode(r *store.Record, s *Snapshot, into *envelope.Record, now time.Time) error {
	if err := into.Decode(r.ID, r.Data); err != nil {
		if errors.Is(err, envelope.ErrFormat) {
			return fmt.Errorf("%w: %w (%w)", ErrCorrupt, err, errors.ErrUnsupported)
		}
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if into.Namespace != v.namespace {
		return ErrForeign
	}
	read, expires := now.UnixMilli(), r.Expires.UnixMilli()
	if read >= expires || read >= v.End(into, r.Subject, expires) {
		return ErrExpired
	}
	s.ID, s.Version, s.Expires = r.ID, r.Version, expires
	s.Subject, s.Read, s.Record = r.Subject, read, into
	return nil
}

// List yields the live records of a subject, in unspecified order. A record
// that cannot be decoded is yielded with its id and an error that wraps
// [ErrCorrupt]; iteration then continues. One that has expired by the clock of
// this process, which may be ahead, is yielded with its id and [ErrExpired].
// List yields [errors.ErrUnsupported] if the store is not a store.Lister.
func (v *Vault) List(ctx context.Context, subject string) iter.Seq2[Snapshot, error] {
	return func(yield func(Snapshot, error) bool) {
		for r, err := range v.rows(ctx, subject) {
			var s Snapshot
			if err == nil {
				err = v.decode(&r, &s, new(envelope.Record), time.Now())
			}
			switch {
			case errors.Is(err, ErrForeign):
				continue
			case errors.Is(err, ErrExpired):
				s.ID = r.ID
			case errors.Is(err, ErrCorrupt):
				s.ID, err = r.ID, fmt.Errorf("session %s: %w", r.ID, err)
			case errors.Is(err, errors.ErrUnsupported):
				err = fmt.Errorf("sessions: the store cannot list records by subject: %w", err)
			case err != nil:
				err = unavailable("list", err)
			}
			if !yield(s, err) {
				return
			}
		}
	}
}

// rows yields what the store lists. For each record the store has LoadTimeout;
// the time that the caller spends on a record does not count.
func (v *Vault) rows(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		ctx, cancel := context.WithCancelCause(hiding{ctx, v.Hidden})
		defer cancel(nil)
		late := time.AfterFunc(v.LoadTimeout, func() { cancel(context.DeadlineExceeded) })
		defer late.Stop()
		for r, err := range store.List(ctx, v.Store, subject) {
			late.Stop()
			if err != nil && context.Cause(ctx) == context.DeadlineExceeded { // not canceled by the caller
				err = fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
			}
			if !yield(r, err) {
				return
			}
			late.Reset(v.LoadTimeout)
		}
	}
}

// hiding is a context that hides keys from a store.
type hiding struct {
	context.Context
	hidden func(key any) bool
}

func (c hiding) Value(key any) any {
	if c.hidden != nil && c.hidden(key) {
		return nil
	}
	return c.Context.Value(key)
}
