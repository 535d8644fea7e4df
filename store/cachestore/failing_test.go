package cachestore_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/cachestore"
	"github.com/gosessions/sessions/store/storetest"
)

// jsonCache is a Cache of one's own, which keeps bytes. It fails as it is told.
type jsonCache struct {
	mu      sync.Mutex
	entries map[string][]byte
	fails   func(op string) bool // nil: never
}

var errCache = errors.New("the cache is down")

func (c *jsonCache) do(op string, f func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fails != nil && c.fails(op) {
		return errCache
	}
	return f()
}

func (c *jsonCache) Get(_ context.Context, id string) (e cachestore.Entry, ok bool, err error) {
	err = c.do("get", func() error {
		data, found := c.entries[id]
		if !found {
			return nil
		}
		ok = true
		return json.Unmarshal(data, &e)
	})
	return e, ok, err
}

func (c *jsonCache) Set(_ context.Context, e cachestore.Entry) error {
	return c.do("set", func() (err error) {
		if c.entries == nil {
			c.entries = make(map[string][]byte)
		}
		c.entries[e.Record.ID], err = json.Marshal(e)
		return err
	})
}

func (c *jsonCache) Delete(_ context.Context, id string) error {
	return c.do("delete", func() error { delete(c.entries, id); return nil })
}

func TestAnyCacheHoweverItFails(t *testing.T) {
	var n atomic.Int64
	for name, fails := range map[string]func(op string) bool{
		"never":      nil,
		"always":     func(string) bool { return true },
		"in get":     func(op string) bool { return op == "get" },
		"in set":     func(op string) bool { return op == "set" },
		"in delete":  func(op string) bool { return op == "delete" },
		"in changes": func(op string) bool { return op != "get" },
		"each third": func(string) bool { return n.Add(1)%3 == 0 },
	} {
		t.Run(name, func(t *testing.T) {
			var heard atomic.Int64
			st := open(t, backendOf(t), cachestore.Options{MaxStale: time.Hour, Cache: &jsonCache{fails: fails}, OnError: func(err error) {
				if !errors.Is(err, errCache) || strings.Count(err.Error(), "cachestore: ") != 1 {
					t.Errorf("OnError(%v)", err)
				}
				heard.Add(1)
			}})
			storetest.Run(t, func(*testing.T) store.Store { return st })
			if got := st.Stats().Failures; got != uint64(heard.Load()) || got > 0 != (fails != nil) {
				t.Errorf("%d failures, %d were heard of", got, heard.Load())
			}
		})
	}
}

// TestEntryThatCannotBeRemovedIsNotServed, not even when the cache is well
// again.
func TestEntryThatCannotBeRemovedIsNotServed(t *testing.T) {
	down := false
	cache := &jsonCache{fails: func(string) bool { return down }}
	st := open(t, backendOf(t), cachestore.Options{MaxStale: time.Hour, Cache: cache})
	deleted, saved := fresh(t, st), fresh(t, st)
	down = true
	ok(t, st.Delete(t.Context(), deleted.ID))
	ok(t, st.Save(t.Context(), saved))
	down = false
	if n := len(slices.Collect(maps.Keys(cache.entries))); n != 2 {
		t.Fatalf("the cache has %d entries, want the 2 old ones", n)
	}
	sees(t, st, deleted.ID, 0)
	sees(t, st, saved.ID, 2)
}

func TestCacheThatOutlivesItsStoreIsNotServed(t *testing.T) {
	cache, backend := new(jsonCache), backendOf(t)
	r := fresh(t, open(t, backend, cachestore.Options{MaxStale: time.Hour, Cache: cache}))
	ok(t, backend.Delete(t.Context(), r.ID)) // while nothing runs
	sees(t, open(t, backend, cachestore.Options{MaxStale: time.Hour, Cache: cache}), r.ID, 0)
}

// TestUnknownOutcomeDropsTheEntry: the backend did it, and its answer was lost.
func TestUnknownOutcomeDropsTheEntry(t *testing.T) {
	lost := false
	backend := &faultstore.Store{Store: backendOf(t), Fault: func(_ int, op string) faultstore.Fault {
		if lost && op != "load" {
			return faultstore.After
		}
		return faultstore.None
	}}
	h := newHub()
	st := open(t, backend, cachestore.Options{Channel: h})
	other := open(t, backend, cachestore.Options{Channel: h})
	listen(t, st)
	listen(t, other)
	later := time.Now().Add(2 * time.Hour).Truncate(time.Millisecond)
	for name, test := range map[string]struct {
		do   func(r store.Record) error
		want uint64
	}{
		"save":   {func(r store.Record) error { return st.Save(t.Context(), r) }, 2},
		"delete": {func(r store.Record) error { return st.Delete(t.Context(), r.ID) }, 0},
		"touch":  {func(r store.Record) error { return st.Touch(t.Context(), r.ID, 1, later) }, 1},
	} {
		lost = false
		r := fresh(t, st)
		sees(t, other, r.ID, 1)
		lost = true
		if err := test.do(r); !errors.Is(err, faultstore.ErrDown) {
			t.Errorf("%s: %v", name, err)
		}
		sees(t, st, r.ID, test.want)
		sees(t, other, r.ID, test.want)
		if got, err := st.Load(t.Context(), r.ID); name == "touch" && (err != nil || !got.Expires.Equal(later)) {
			t.Errorf("touched to %v, error %v", got.Expires, err)
		}
	}
}
