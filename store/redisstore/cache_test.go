package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/redisstore"
)

// nodes returns two stores with a cache and a client each.
func nodes(t *testing.T, e testserver.Engine, change func(*rueidis.ClientOption)) (a, b *redisstore.Store, client rueidis.Client) {
	address, opts := testserver.Find(t, e).Address, options(time.Minute)
	client = connect(t, address, change)
	return open(t, client, opts), open(t, connect(t, address, change), opts), client
}

func TestOtherNodeSeesWhatWasDone(t *testing.T) {
	for _, e := range engines {
		t.Run(string(e), func(t *testing.T) {
			ctx := t.Context()
			a, b, _ := nodes(t, e, nil)
			var took []time.Duration
			for i := range 200 {
				r := record(fmt.Sprint(i))
				ok(t, a.Create(ctx, r))
				for range 2 { // the second is from memory
					if _, err := b.Load(ctx, r.ID); err != nil {
						t.Fatal(err)
					}
				}
				ok(t, a.Save(ctx, r))
				took = append(took, sees(t, func() bool { got, err := b.Load(ctx, r.ID); return err == nil && got.Version == 2 }))
				ok(t, a.Touch(ctx, r.ID, 2, r.Expires.Add(time.Hour)))
				took = append(took, sees(t, func() bool {
					got, err := b.Load(ctx, r.ID)
					return err == nil && got.Expires.Equal(r.Expires.Add(time.Hour))
				}))
				ok(t, a.Delete(ctx, r.ID))
				took = append(took, sees(t, func() bool { _, err := b.Load(ctx, r.ID); return errors.Is(err, store.ErrNotFound) }))
			}
			slices.Sort(took)
			most := took[len(took)*99/100] // the others wait for a processor
			t.Logf("seen after %v, 99 of 100 after %v, all after %v", took[len(took)/2], most, took[len(took)-1])
			if most > 50*time.Millisecond {
				t.Errorf("1 of 100 changes is seen after %v or later", most)
			}
		})
	}
}

// TestRefreshAsksTheServer although the client has not heard of a change.
func TestRefreshAsksTheServer(t *testing.T) {
	ctx := t.Context()
	client := connect(t, testserver.Find(t, testserver.Redis).Address, func(o *rueidis.ClientOption) {
		o.ClientTrackingOptions = []string{"OPTIN", "NOLOOP"} // hears nothing of what its own connection changes
		o.PipelineMultiplex = -1
	})
	opts := options(time.Minute)
	a, other := open(t, client, opts), open(t, client, opts) // they do not know of each other's writes
	saved, deleted := record("saved"), record("deleted")
	for _, r := range []store.Record{saved, deleted} {
		ok(t, a.Create(ctx, r))
		for range 2 {
			_, err := other.Load(ctx, r.ID)
			ok(t, err)
		}
	}
	ok(t, a.Save(ctx, saved))
	ok(t, a.Delete(ctx, deleted.ID))
	if r, err := other.Load(ctx, saved.ID); err != nil || r.Version != 1 {
		t.Fatalf("version %d, error %v; want the old one from memory", r.Version, err)
	}
	for _, load := range []func(context.Context, string) (store.Record, error){other.Refresh, other.Load} {
		if r, err := load(ctx, saved.ID); err != nil || r.Version != 2 {
			t.Errorf("version %d, error %v; want 2", r.Version, err)
		}
		if _, err := load(ctx, deleted.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%v, want ErrNotFound", err)
		}
	}
	if _, err := open(t, client, options(0)).Refresh(ctx, "saved"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("without a cache: %v, want ErrUnsupported", err)
	}
}

// sees returns after how long a condition holds.
func sees(t *testing.T, holds func() bool) time.Duration {
	begin := time.Now()
	tick := time.NewTicker(100 * time.Microsecond)
	defer tick.Stop()
	for !holds() {
		if time.Since(begin) > 10*time.Second {
			t.Fatal("not seen after 10 seconds")
		}
		<-tick.C
	}
	return time.Since(begin)
}

// TestOwnWritesAreSeenAtOnce by the next load, whatever is in memory, also
// where the server tells this client nothing of its own writes.
func TestOwnWritesAreSeenAtOnce(t *testing.T) {
	for name, change := range map[string]func(*rueidis.ClientOption){
		"as it is":       nil,
		"one connection": func(o *rueidis.ClientOption) { o.PipelineMultiplex = -1 },
		"a pool":         func(o *rueidis.ClientOption) { o.DisableAutoPipelining = true },
		"never told of it": func(o *rueidis.ClientOption) {
			o.ClientTrackingOptions = []string{"OPTIN", "NOLOOP"}
			o.PipelineMultiplex = -1
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			st, _, _ := nodes(t, testserver.Redis, change)
			var all sync.WaitGroup
			for w := range 4 {
				all.Go(func() {
					for i := range 50 {
						r := record(fmt.Sprint(w, "-", i))
						check := func(what string, version uint64, expires time.Time) {
							for range 3 {
								got, err := st.Load(ctx, r.ID)
								switch {
								case version == 0 && !errors.Is(err, store.ErrNotFound):
									t.Errorf("after %s: %+v, %v", what, got, err)
								case version > 0 && (err != nil || got.Version != version || !got.Expires.Equal(expires)):
									t.Errorf("after %s: version %d, want %d; expires %v, want %v; error %v", what, got.Version, version, got.Expires, expires, err)
								}
							}
						}
						check("nothing", 0, time.Time{})
						if err := st.Create(ctx, r); err != nil {
							t.Error(err)
						}
						check("Create", 1, r.Expires)
						if err := st.Save(ctx, r); err != nil {
							t.Error(err)
						}
						check("Save", 2, r.Expires)
						if err := st.Touch(ctx, r.ID, 2, r.Expires.Add(time.Hour)); err != nil {
							t.Error(err)
						}
						check("Touch", 2, r.Expires.Add(time.Hour))
						if err := st.Delete(ctx, r.ID); err != nil {
							t.Error(err)
						}
						check("Delete", 0, time.Time{})
					}
				})
			}
			all.Wait()
		})
	}
}

// TestCacheIsNotUsedAcrossALostConnection: what was changed meanwhile is seen.
func TestCacheIsNotUsedAcrossALostConnection(t *testing.T) {
	ctx := t.Context()
	server := testserver.Private(t, testserver.Redis)
	opts := options(time.Hour)
	st := open(t, connect(t, server.Address, nil), opts)
	r := record("a")
	ok(t, st.Create(ctx, r))
	_, err := st.Load(ctx, "a")
	ok(t, err)
	server.Kill()
	testserver.Until(t, 10*time.Second, "the cache is not used", func() bool { _, err := st.Load(ctx, "a"); return err != nil })
	server.Start()
	other := connect(t, server.Address, nil)
	do(t, other, "DEL", opts.Prefix+"id:a") // of which nobody is told
	testserver.Until(t, 10*time.Second, "the connection is back", func() bool { _, err := st.Load(ctx, "a"); return errors.Is(err, store.ErrNotFound) })
}

// TestRandomHistoryOverTwoNodes: a node sees its own writes at once, and those
// of the other within the bound.
func TestRandomHistoryOverTwoNodes(t *testing.T) {
	const bound = time.Second // there are loops that leave the network no processor
	ctx := t.Context()
	a, b, _ := nodes(t, testserver.Redis, nil)
	stores := []*redisstore.Store{a, b}
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(w), 1))
			for i := range 40 {
				r := record(fmt.Sprint(w, "-", i))
				if err := stores[rnd.IntN(2)].Create(ctx, r); err != nil {
					t.Error(err)
				}
				for range 30 {
					n := rnd.IntN(2)
					gone := false
					var err error
					switch rnd.IntN(8) {
					case 0:
						err, gone = stores[n].Delete(ctx, r.ID), true
					case 1, 2:
						if err = stores[n].Save(ctx, r); err == nil {
							r.Version++
						}
					}
					if err != nil {
						t.Error(err)
					}
					sound(ctx, t, stores[n], r, gone, 0)
					sound(ctx, t, stores[1-n], r, gone, bound)
					if gone {
						break
					}
				}
			}
		})
	}
	all.Wait()
}

// sound fails the test unless a store shows a record, or that it is gone,
// within a time.
func sound(ctx context.Context, t *testing.T, st *redisstore.Store, r store.Record, gone bool, within time.Duration) {
	for begin := time.Now(); ; {
		late := time.Since(begin) >= within
		got, err := st.Load(ctx, r.ID)
		if gone && errors.Is(err, store.ErrNotFound) || !gone && err == nil && got.Version == r.Version {
			return
		}
		if late {
			t.Errorf("%s, gone: %t: version %d, want %d, error %v", r.ID, gone, got.Version, r.Version, err)
			return
		}
	}
}
