package cachestore_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/cachestore"
	"github.com/gosessions/sessions/store/memstore"
)

// TestSlowLoadBringsNothingBack: the answer to a load is on its way while the
// record changes. What it says is not cached.
func TestSlowLoadBringsNothingBack(t *testing.T) {
	type nodes struct {
		here, there *cachestore.Store
		hub         *hub
	}
	for name, test := range map[string]struct {
		change func(ctx context.Context, n nodes, r store.Record) error
		want   uint64 // version afterwards
	}{
		"deleted": {func(ctx context.Context, n nodes, r store.Record) error { return n.here.Delete(ctx, r.ID) }, 0},
		"saved":   {func(ctx context.Context, n nodes, r store.Record) error { return n.here.Save(ctx, r) }, 2},
		"ended by a save": {func(ctx context.Context, n nodes, r store.Record) error {
			r.Expires = time.Now().Add(-time.Hour)
			return n.here.Save(ctx, r)
		}, 0},
		"deleted and made again": {func(ctx context.Context, n nodes, r store.Record) error {
			if err := n.here.Save(ctx, r); err != nil {
				return err
			}
			if err := n.here.Delete(ctx, r.ID); err != nil {
				return err
			}
			return n.here.Create(ctx, r)
		}, 1},
		"deleted elsewhere": {func(ctx context.Context, n nodes, r store.Record) error { return n.there.Delete(ctx, r.ID) }, 0},
		"saved elsewhere":   {func(ctx context.Context, n nodes, r store.Record) error { return n.there.Save(ctx, r) }, 2},
		"deleted elsewhere, and found so by a faster load": {func(ctx context.Context, n nodes, r store.Record) error {
			n.hub.mute = true
			defer func() { n.hub.mute = false }()
			if err := n.there.Delete(ctx, r.ID); err != nil {
				return err
			}
			_, _ = n.here.Load(ctx, r.ID)
			return nil
		}, 0},
		"saved elsewhere, and found so by a faster load": {func(ctx context.Context, n nodes, r store.Record) error {
			n.hub.mute = true
			defer func() { n.hub.mute = false }()
			if err := n.there.Save(ctx, r); err != nil {
				return err
			}
			_, err := n.here.Load(ctx, r.ID)
			return err
		}, 2},
		"deleted elsewhere, and found so by a refresh": {func(ctx context.Context, n nodes, r store.Record) error {
			n.hub.mute = true
			defer func() { n.hub.mute = false }()
			if err := n.there.Delete(ctx, r.ID); err != nil {
				return err
			}
			if _, err := n.here.Refresh(ctx, r.ID); !errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("refresh: %v, want ErrNotFound", err)
			}
			return nil
		}, 0},
		"saved elsewhere, and found so by a refresh": {func(ctx context.Context, n nodes, r store.Record) error {
			n.hub.mute = true
			defer func() { n.hub.mute = false }()
			if err := n.there.Save(ctx, r); err != nil {
				return err
			}
			got, err := n.here.Refresh(ctx, r.ID)
			if err == nil && got.Version != 2 {
				err = fmt.Errorf("refresh sees version %d, want 2", got.Version)
			}
			return err
		}, 2},
		"deleted elsewhere while the channel broke": {func(ctx context.Context, n nodes, r store.Record) error {
			n.hub.mute = true
			defer func() { n.hub.mute = false }()
			err := n.there.Delete(ctx, r.ID)
			n.hub.fail()
			n.hub.wait(n.here, n.there)
			return err
		}, 0},
		"all invalidated": {func(_ context.Context, n nodes, r store.Record) error {
			n.hub.mute = true
			defer func() { n.hub.mute = false }()
			err := n.there.Delete(t.Context(), r.ID)
			n.here.InvalidateAll()
			return err
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			backend, h := &gated{Store: backendOf(t)}, newHub()
			here := open(t, backend, cachestore.Options{MaxStale: time.Hour, Channel: h})
			there := open(t, backend.Store, cachestore.Options{MaxStale: time.Hour, Channel: h})
			listen(t, here)
			listen(t, there)
			r := fresh(t, backend.Store)
			during(t, &backend.load, func() { sees(t, here, r.ID, 1) }, func() {
				ok(t, test.change(t.Context(), nodes{here, there, h}, r))
			})
			sees(t, here, r.ID, test.want)
		})
	}
}

// TestLoadDuringADeleteIsNotKept: the delete was called, and is not done yet.
func TestLoadDuringADeleteIsNotKept(t *testing.T) {
	backend := &gated{Store: backendOf(t)}
	st := open(t, backend, cachestore.Options{MaxStale: time.Hour})
	r := fresh(t, backend)
	during(t, &backend.remove, func() { ok(t, st.Delete(t.Context(), r.ID)) }, func() { sees(t, st, r.ID, 1) })
	sees(t, st, r.ID, 0)
}

// TestSlowLoadDoesNotHideATouch checks that a load that began before a touch
// does not hide it.
func TestSlowLoadDoesNotHideATouch(t *testing.T) {
	backend := &gated{Store: backendOf(t)}
	st := open(t, backend, cachestore.Options{MaxStale: time.Hour})
	r, later := fresh(t, backend), time.Now().Add(2*time.Hour).Truncate(time.Millisecond)
	during(t, &backend.load, func() { sees(t, st, r.ID, 1) }, func() {
		ok(t, st.Touch(t.Context(), r.ID, 1, later))
	})
	if got, err := st.Load(t.Context(), r.ID); err != nil || !got.Expires.Equal(later) {
		t.Errorf("expires at %v, error %v; want %v", got.Expires, err, later)
	}
}

// TestSlowSaveBringsNothingBack: what it has acknowledged is not the newest.
func TestSlowSaveBringsNothingBack(t *testing.T) {
	for name, test := range map[string]struct {
		change func(ctx context.Context, here, there *cachestore.Store, r store.Record) error
		want   uint64
	}{
		"deleted": {func(ctx context.Context, here, _ *cachestore.Store, r store.Record) error {
			return here.Delete(ctx, r.ID)
		}, 0},
		"saved again": {func(ctx context.Context, here, _ *cachestore.Store, r store.Record) error {
			r.Version++
			return here.Save(ctx, r)
		}, 3},
		"saved again elsewhere": {func(ctx context.Context, _, there *cachestore.Store, r store.Record) error {
			r.Version++
			return there.Save(ctx, r)
		}, 3},
		"deleted elsewhere": {func(ctx context.Context, _, there *cachestore.Store, r store.Record) error {
			return there.Delete(ctx, r.ID)
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			backend, h := &gated{Store: backendOf(t)}, newHub()
			here := open(t, backend, cachestore.Options{Channel: h})
			there := open(t, backend.Store, cachestore.Options{Channel: h})
			listen(t, here)
			listen(t, there)
			r := fresh(t, here)
			during(t, &backend.save, func() { ok(t, here.Save(t.Context(), r)) }, func() {
				ok(t, test.change(t.Context(), here, there, r))
			})
			sees(t, here, r.ID, test.want)
		})
	}
}

// slowly is a Cache that answers at the end of a time.
type slowly struct {
	cachestore.Cache
	until time.Time
}

func (c *slowly) Get(ctx context.Context, id string) (cachestore.Entry, bool, error) {
	defer func() { <-time.After(time.Until(c.until)) }()
	return c.Cache.Get(ctx, id)
}

func TestSlowCacheMakesNothingLastLonger(t *testing.T) {
	for name, test := range map[string]struct{ life, stale time.Duration }{
		"expired": {time.Minute, time.Hour},
		"stale":   {time.Hour, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				backend, cache := new(memstore.Store), &slowly{Cache: new(jsonCache)}
				st := open(t, backend, cachestore.Options{MaxStale: test.stale, Cache: cache})
				r := record("a")
				r.Expires = time.Now().Add(test.life)
				ok(t, st.Create(t.Context(), r))
				ok(t, backend.Delete(t.Context(), r.ID))
				sees(t, st, r.ID, 1) // as long as it may
				cache.until = time.Now().Add(time.Minute)
				sees(t, st, r.ID, 0)
			})
		})
	}
}
