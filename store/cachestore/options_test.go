package cachestore_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/cachestore"
)

func TestFaultyOptionsAreAllNamed(t *testing.T) {
	for _, test := range []struct {
		backend store.Store
		opts    cachestore.Options
		want    []string
	}{
		{nil, cachestore.Options{}, []string{"the store is nil", "MaxStale is zero"}},
		{backendOf(t), cachestore.Options{MaxStale: -1, MaxBytes: -2}, []string{"MaxStale is -1ns", "MaxBytes is -2"}},
		{backendOf(t), cachestore.Options{MaxStale: 1, Cache: new(jsonCache), MaxBytes: 1}, []string{"MaxBytes is 1: a Cache of your own"}},
	} {
		_, err := cachestore.New(test.backend, test.opts)
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), "cachestore: ") != 1 {
				t.Errorf("New: %v, want %q", err, want)
			}
		}
	}
}

// TestWhatWasWrittenElsewhereIsSeenAfterMaxStale, to the nanosecond, counted
// from when the load began; with a Channel too, if the message was lost.
func TestWhatWasWrittenElsewhereIsSeenAfterMaxStale(t *testing.T) {
	h := newHub()
	h.mute = true
	for name, opts := range map[string]cachestore.Options{
		"MaxStale":              {MaxStale: 10 * time.Second},
		"MaxStale of a Channel": {MaxStale: 10 * time.Second, Channel: h},
		"default of a Channel":  {Channel: h},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stale := max(opts.MaxStale, 10*time.Second)
				if opts.MaxStale == 0 {
					stale = cachestore.DefaultMaxStale
				}
				backend := slow{backendOf(t), func() { <-time.After(time.Second) }}
				st := open(t, backend, opts)
				if opts.Channel != nil {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					go func() { _ = st.Listen(ctx) }()
					synctest.Wait()
				}
				r := fresh(t, backend)
				began := time.Now()
				sees(t, st, r.ID, 1)
				ok(t, backend.Store.Delete(t.Context(), r.ID))
				<-time.After(time.Until(began.Add(stale - 1)))
				sees(t, st, r.ID, 1)
				<-time.After(1)
				sees(t, st, r.ID, 0)
			})
		})
	}
}

// TestExpiryIsThatOfTheBackend: an entry is not served beyond its expiry, and
// one that was touched elsewhere is not taken for expired.
func TestExpiryIsThatOfTheBackend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		backend := backendOf(t)
		st := open(t, backend, cachestore.Options{MaxStale: 100 * time.Hour})
		r, touched := fresh(t, st), fresh(t, st)
		ok(t, store.Touch(t.Context(), backend, touched.ID, 1, time.Now().Add(2*time.Hour)))
		<-time.After(time.Hour - time.Millisecond)
		sees(t, st, r.ID, 1)
		<-time.After(time.Millisecond)
		sees(t, st, r.ID, 0)
		sees(t, st, touched.ID, 1)
	})
}

// TestConflictLeadsToTheNewest: a save on what is stale fails, and the next
// load asks the backend.
func TestConflictLeadsToTheNewest(t *testing.T) {
	backend := backendOf(t)
	st := open(t, backend, cachestore.Options{MaxStale: time.Hour})
	for name, write := range map[string]func(r store.Record) error{
		"save":  func(r store.Record) error { return st.Save(t.Context(), r) },
		"touch": func(r store.Record) error { return st.Touch(t.Context(), r.ID, 1, time.Now().Add(2*time.Hour)) },
	} {
		r := fresh(t, st)
		ok(t, backend.Save(t.Context(), r))
		sees(t, st, r.ID, 1)
		if err := write(r); !errors.Is(err, store.ErrConflict) {
			t.Errorf("%s: %v, want ErrConflict", name, err)
		}
		sees(t, st, r.ID, 2)
	}
}

// TestRefreshAsksTheBackend, and what it says is served from then on.
func TestRefreshAsksTheBackend(t *testing.T) {
	backend := &gated{Store: backendOf(t)}
	st := open(t, backend, cachestore.Options{MaxStale: time.Hour})
	saved, deleted := fresh(t, st), fresh(t, st)
	ok(t, backend.Save(t.Context(), saved))
	ok(t, backend.Delete(t.Context(), deleted.ID))
	sees(t, st, saved.ID, 1)
	sees(t, st, deleted.ID, 1)
	if r, err := st.Refresh(t.Context(), saved.ID); err != nil || r.Version != 2 {
		t.Errorf("version %d, error %v; want 2", r.Version, err)
	}
	if _, err := st.Refresh(t.Context(), deleted.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%v, want ErrNotFound", err)
	}
	before := backend.loads.Load()
	sees(t, st, saved.ID, 2)
	if n := backend.loads.Load() - before; n != 0 {
		t.Errorf("the backend was asked again")
	}
	sees(t, st, deleted.ID, 0)
}

// TestTouchOfANewerVersionDropsTheOlder, which was cached.
func TestTouchOfANewerVersionDropsTheOlder(t *testing.T) {
	backend := backendOf(t)
	st := open(t, backend, cachestore.Options{MaxStale: time.Hour})
	r := fresh(t, st)
	ok(t, backend.Save(t.Context(), r))
	sees(t, st, r.ID, 1)
	ok(t, st.Touch(t.Context(), r.ID, 2, time.Now().Add(2*time.Hour)))
	sees(t, st, r.ID, 2)
}

func TestOwnMessagesDropNothing(t *testing.T) {
	st := open(t, backendOf(t), cachestore.Options{Channel: newHub()})
	listen(t, st)
	r := fresh(t, st)
	ok(t, st.Save(t.Context(), r))
	sees(t, st, r.ID, 2)
	if got := st.Stats(); got.Hits != 1 {
		t.Errorf("%+v, want a hit", got)
	}
}

// TestMessageOfNobodyDropsAll: who knows what it should have said.
func TestMessageOfNobodyDropsAll(t *testing.T) {
	h := newHub()
	backend := backendOf(t)
	st := open(t, backend, cachestore.Options{Channel: h})
	listen(t, st)
	for _, message := range []string{"", "hello", "node.###"} {
		r := fresh(t, st)
		ok(t, backend.Delete(t.Context(), r.ID))
		ok(t, h.Publish(t.Context(), message))
		sees(t, st, r.ID, 0)
	}
}
