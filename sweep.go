package sessions

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/gosessions/sessions/store"
)

const (
	sweepEvery   = 5 * time.Minute
	sweepBatch   = 100   // records in a first batch
	sweepLargest = 6_400 // records in a batch
	sweepQuick   = 50 * time.Millisecond
	sweepRest    = 49 // times as long as the batch took
)

// Sweep removes expired records until ctx ends, and returns its error: start
// it with go, once per process. It sweeps every so often, 5 minutes if every
// is not positive, give or take a fifth, so that processes do not sweep
// together; each time in batches, with rests that leave the store to others for
// 98% of the time, so that visitors do not notice. Batches grow from a hundred
// records as long as they are quick. If a round lasts longer than its period,
// an [EventUnswept] tells it, and the rests become shorter until it has caught
// up. Sweep goes on after errors, which are events. It returns nil if the
// store's backend removes expired records by itself, and an error if this
// manager is being swept already.
func (m *Manager) Sweep(ctx context.Context, every time.Duration) error {
	if _, ok := m.store.(store.Sweeper); !ok {
		return nil
	}
	if !m.sweeping.CompareAndSwap(false, true) {
		return errors.New("sessions: Sweep is running already")
	}
	defer m.sweeping.Store(false)
	m.swept.Store(true)
	if every <= 0 {
		every = sweepEvery
	}
	every = max(every, time.Second)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(every - every/5 + rand.N(every/5*2)):
		}
		if !m.sweepRound(ctx, every) {
			return nil
		}
	}
}

// sweepRound sweeps until nothing is left that has expired. It reports false if
// the store removes expired records by itself.
func (m *Manager) sweepRound(ctx context.Context, every time.Duration) bool {
	batch, rest, late := sweepBatch, time.Duration(sweepRest), time.Now().Add(every)
	for ctx.Err() == nil {
		began := time.Now()
		n, err := store.Sweep(ctx, m.store, batch)
		took := time.Since(began)
		switch {
		case errors.Is(err, errors.ErrUnsupported): // what m.store wraps is no Sweeper
			return false
		case err != nil && ctx.Err() == nil:
			err = fmt.Errorf("%w: sweep: %w", ErrUnavailable, err)
			m.event(ctx, Event{Kind: EventUnavailable, Err: err})
		}
		if n < batch {
			break
		}
		if took < sweepQuick {
			batch = min(2*batch, sweepLargest)
		}
		if now := time.Now(); now.After(late) {
			if rest == sweepRest {
				m.event(ctx, Event{Kind: EventUnswept, Err: errSweepSlow})
			}
			rest, late = max(rest/2, 1), now.Add(every)
		}
		select {
		case <-ctx.Done():
		case <-time.After(rest * took):
		}
	}
	return true
}

// unswept reports, once, that the store holds an expired record and needs a
// Sweep, which was not called for two periods. It removes that record.
func (m *Manager) unswept(ctx context.Context) bool {
	last, now := m.looked.Load(), time.Now().UnixNano()
	if m.swept.Load() || time.Duration(now-last) < 2*sweepEvery || !m.looked.CompareAndSwap(last, now) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, m.opts.LoadTimeout)
	defer cancel()
	n, err := store.Sweep(ctx, m.store, 1)
	if n == 0 && !errors.Is(err, errors.ErrUnsupported) {
		return false
	}
	return !m.swept.Swap(true) && n > 0
}
