package sessions

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/gosessions/sessions/internal/envelope"
	"github.com/gosessions/sessions/store"
)

// Open returns the live session of a token, which is the cookie's value, for
// code outside of Handler: WebSocket workers, gRPC, jobs. Nothing is saved
// unless Save is called. Renew returns ErrHeadersSent, for there is no
// response that could carry a cookie. Open returns ErrNotFound for a token
// that is malformed, unknown, wrong or over, ErrCorrupt if the record cannot
// be read, ErrUnavailable if the store fails.
func (m *Manager) Open(ctx context.Context, token string) (*Session, error) {
	var at stored
	if _, err := m.admit(ctx, token, new(reading), &at); err != nil {
		return nil, err
	}
	return m.outside(at), nil
}

// outside returns a session that belongs to no request.
func (m *Manager) outside(at stored) *Session { return &Session{m: m, at: at, now: at.state()} }

// List yields the live sessions of a subject, in no set order, for a page that
// shows where somebody is logged in. A record that cannot be read is yielded as an error, and the next one follows. It
// yields errors.ErrUnsupported if the store is no store.Lister.
func (m *Manager) List(ctx context.Context, subject string) iter.Seq2[*Session, error] {
	return func(yield func(*Session, error) bool) {
		for r, err := range m.list(ctx, subject) {
			var at stored
			if err == nil {
				err = m.open(&r, new(envelope.Record), time.Now(), &at)
			} else {
				err = listError(err)
			}
			if err == nil {
				err = m.alive(&at)
			}
			switch {
			case errors.Is(err, ErrNotFound):
			case err != nil:
				if r.ID != "" {
					err = fmt.Errorf("session %s: %w", r.ID, err)
				}
				if !yield(nil, err) {
					return
				}
			case !yield(m.outside(at), nil):
				return
			}
		}
	}
}

// Revoke destroys the session of an id at once, wherever renewals have taken
// it; its token is dead when Revoke returns nil, as it is if there is no such
// session. The browser keeps its useless cookie.
func (m *Manager) Revoke(ctx context.Context, id string) error { return m.revoke(ctx, id, nil) }

func (m *Manager) revoke(ctx context.Context, id string, spared []string) error {
	a := m.attempt(ctx)
	at, err := a.look(id)
	ended := true
	switch {
	case errors.Is(err, ErrCorrupt):
		err = a.remove(id)
	case err == nil:
		ended, err = a.retire(at, spared)
	}
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err == nil && ended {
		m.event(ctx, Event{Kind: EventDestroyed, ID: id, Subject: at.subject})
	}
	return m.report(ctx, at, err)
}

// RevokeAll destroys all sessions of a subject but those whose ids are named:
// after a change of password all but the one that changed it. It goes on
// after an error and returns all of them.
func (m *Manager) RevokeAll(ctx context.Context, subject string, except ...string) error {
	var errs []error
	seen := slices.Clone(except)
	for more := true; more && len(errs) == 0; { // again, for sessions that were renewed while it listed
		more = false
		for r, err := range m.list(ctx, subject) {
			switch {
			case err != nil:
				errs = append(errs, listError(err))
			case !slices.Contains(seen, r.ID):
				seen, more = append(seen, r.ID), true
				if err := m.revoke(ctx, r.ID, except); err != nil {
					errs = append(errs, err)
				}
			}
		}
	}
	return errors.Join(errs...)
}

// list yields what the store lists. For each record the store has as long as
// for a load; the time of whoever looks at it does not count.
func (m *Manager) list(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		late := time.AfterFunc(m.opts.LoadTimeout, func() { cancel(context.DeadlineExceeded) })
		defer late.Stop()
		for r, err := range store.List(ctx, m.store, subject) {
			late.Stop()
			if err != nil && context.Cause(ctx) == context.DeadlineExceeded { // not cancelled by the caller
				err = fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
			}
			if !yield(r, err) {
				return
			}
			late.Reset(m.opts.LoadTimeout)
		}
	}
}

func listError(err error) error {
	if errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("sessions: the store cannot list records by subject: %w", err)
	}
	return unavailable("list", err)
}

const (
	sweepEvery = 5 * time.Minute
	sweepBatch = 100
	sweepRest  = 49 // times as long as the batch took
)

// Sweep removes expired records until ctx ends, and returns its error: start
// it with go, once per process. It sweeps every so often, 5 minutes if every
// is not positive, give or take a fifth, so that processes do not sweep
// together; each time in batches of a hundred, with rests that leave the store
// to others for 98% of the time, so that visitors do not notice. It goes on
// after errors, which are events. It returns nil if the store's backend
// removes expired records by itself, and an error if this manager is being
// swept already.
func (m *Manager) Sweep(ctx context.Context, every time.Duration) error {
	if _, ok := m.store.(store.Sweeper); !ok {
		return nil
	}
	if !m.sweeping.CompareAndSwap(false, true) {
		return errors.New("sessions: Sweep is running already")
	}
	defer m.sweeping.Store(false)
	if every <= 0 {
		every = sweepEvery
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(every - every/5 + rand.N(max(every/5*2, 1))):
		}
		for n := sweepBatch; n == sweepBatch && ctx.Err() == nil; {
			var err error
			began := time.Now()
			n, err = store.Sweep(ctx, m.store, sweepBatch)
			if errors.Is(err, errors.ErrUnsupported) {
				return nil // what m.store wraps is no Sweeper
			}
			if err != nil && ctx.Err() == nil {
				m.event(ctx, Event{Kind: EventUnavailable, Err: unavailable("sweep", err)})
			}
			if n == sweepBatch {
				select {
				case <-ctx.Done():
				case <-time.After(sweepRest * time.Since(began)):
				}
			}
		}
	}
}
