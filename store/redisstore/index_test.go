package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/redisstore"
)

// entries returns what a subject's index holds, by id.
func entries(t *testing.T, client rueidis.Client, opts redisstore.Options, subject string) map[string]string {
	t.Helper()
	m := do(t, client, "HGETALL", opts.Prefix+"subject:"+subject)
	all, err := m.AsStrMap()
	ok(t, err)
	return all
}

// entry is how an index holds an id until a time, written at another.
func entry(until, since time.Time) string {
	return fmt.Sprintf("%015d%015d", until.UnixMilli(), since.UnixMilli())
}

func TestIndexHoldsWhatIsListedAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, client rueidis.Client, opts redisstore.Options) {
		ctx := t.Context()
		st := open(t, client, opts)
		r := record("a")
		ok(t, st.Create(ctx, r))
		for _, subject := range []string{"bob", "ann", "bob", "", "ann"} {
			r.Subject = subject
			ok(t, st.Save(ctx, r))
			r.Version++
			for _, s := range []string{"ann", "bob"} {
				var want []string
				if s == subject {
					want = []string{"a"}
				}
				if diff := cmp.Diff(want, ids(t, st, s)); diff != "" {
					t.Errorf("the session is %q's, and the list of %q is (-want +got):\n%s", subject, s, diff)
				}
			}
		}
		ok(t, st.Delete(ctx, "a"))
		if diff := cmp.Diff(map[string]string{}, entries(t, client, opts, "ann")); diff != "" {
			t.Errorf("after Delete the index holds (-want +got):\n%s", diff)
		}
	})
}

// TestListTakesOffWhatIsGone, but not what may be about to be written.
func TestListTakesOffWhatIsGone(t *testing.T) {
	ctx := t.Context()
	client, opts := connect(t, testserver.Find(t, testserver.Redis).Address, nil), options(0)
	st := open(t, client, opts)
	ok(t, st.Create(ctx, record("live")))
	bobs := record("bob's")
	bobs.Subject = "bob"
	ok(t, st.Create(ctx, bobs))
	now := time.Now()
	index := opts.Prefix + "subject:ann"
	do(t, client, "HSET", index,
		"about to be written", entry(now.Add(time.Hour), now.Add(-time.Minute)),
		"never written", entry(now.Add(time.Hour), now.Add(-2*time.Hour)),
		"bob's", entry(now.Add(time.Hour), now.Add(-2*time.Hour)))
	if diff := cmp.Diff([]string{"live"}, ids(t, st, "ann")); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
	got := entries(t, client, opts, "ann")
	for id, want := range map[string]bool{"live": true, "about to be written": true, "never written": false, "bob's": false} {
		if _, held := got[id]; held != want {
			t.Errorf("the index holds %q: %t, want %t", id, held, want)
		}
	}
	ok(t, st.Create(ctx, record("about to be written")))
	if n := len(ids(t, st, "ann")); n != 2 {
		t.Errorf("%d records are listed, want 2", n)
	}
}

// TestIndexThatNobodyListsCleansItself as others are added.
func TestIndexThatNobodyListsCleansItself(t *testing.T) {
	ctx := t.Context()
	client, opts := connect(t, testserver.Find(t, testserver.Redis).Address, nil), options(0)
	st := open(t, client, opts)
	for i := range 200 {
		do(t, client, "HSET", opts.Prefix+"subject:ann", fmt.Sprint("dead-", i), entry(time.Now().Add(-time.Hour), time.Now().Add(-2*time.Hour)))
	}
	for i := range 200 {
		ok(t, st.Create(ctx, record(fmt.Sprint("live-", i))))
	}
	if n := len(entries(t, client, opts, "ann")); n > 300 {
		t.Errorf("the index holds %d entries, of which 200 are live", n)
	}
	if n := len(ids(t, st, "ann")); n != 200 {
		t.Errorf("%d records are listed, want 200", n)
	}
}

// TestIndexOutlivesItsRecords, whatever they are touched and saved to, and
// then goes.
func TestIndexOutlivesItsRecords(t *testing.T) {
	ctx := t.Context()
	client, opts := connect(t, testserver.Find(t, testserver.Redis).Address, nil), options(0)
	st := open(t, client, opts)
	ttl := func(key string) time.Duration {
		m := do(t, client, "PTTL", opts.Prefix+key)
		n, err := m.AsInt64()
		ok(t, err)
		return time.Duration(n) * time.Millisecond
	}
	r := record("a")
	ok(t, st.Create(ctx, r))
	for range 6 {
		r.Expires = r.Expires.Add(45 * time.Minute)
		ok(t, st.Touch(ctx, "a", r.Version, r.Expires))
		r.Expires = r.Expires.Add(45 * time.Minute)
		ok(t, st.Save(ctx, r))
		r.Version++
		left := time.Until(r.Expires)
		if kept := ttl("id:a"); kept < left+time.Minute-5*time.Second || kept > left+time.Minute+5*time.Second {
			t.Errorf("the record lives for %v and is kept for %v", left, kept)
		}
		if kept := ttl("subject:ann"); kept < ttl("id:a") || kept > 2*left+2*time.Minute {
			t.Errorf("the record lives for %v, its index is kept for %v", left, kept)
		}
	}
}

// TestIndexIsNotShortenedByWhatFails: an entry may be written for a record that
// is then not.
func TestIndexIsNotShortenedByWhatFails(t *testing.T) {
	ctx := t.Context()
	client, opts := connect(t, testserver.Find(t, testserver.Redis).Address, nil), options(0)
	st := open(t, client, opts)
	r := record("a")
	ok(t, st.Create(ctx, r))
	brief := r
	brief.Expires = time.Now().Add(time.Minute)
	if err := st.Create(ctx, brief); !errors.Is(err, store.ErrExists) {
		t.Fatalf("Create of what is there: %v", err)
	}
	if got := entries(t, client, opts, "ann")["a"]; got < entry(r.Expires, time.Time{}) {
		t.Errorf("the index holds it for less than its life: %q", got)
	}
}

func TestTimesThatAreFarAway(t *testing.T) {
	ctx := t.Context()
	client, opts := connect(t, testserver.Find(t, testserver.Redis).Address, nil), options(0)
	st := open(t, client, opts)
	for name, expires := range map[string]time.Time{"9999": time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), "ever": time.UnixMilli(math.MaxInt64 / 2)} {
		r := record(name)
		r.Expires = expires
		ok(t, st.Create(ctx, r))
		for _, subject := range []string{"bob", "ann", "bob", "ann"} {
			r.Subject = subject
			ok(t, st.Save(ctx, r))
			r.Version++
			if _, err := st.Load(ctx, name); err != nil {
				t.Errorf("Load of what lives until %v: %v", expires, err)
			}
		}
		ok(t, st.Touch(ctx, name, r.Version, r.Expires.Add(time.Hour)))
		if got, err := st.Load(ctx, name); err != nil || got.Version != r.Version || got.Subject != "ann" || string(got.Data) != "data" {
			t.Errorf("Load of what lives until %v: %+v, %v", expires, got, err)
		}
	}
	if n := len(ids(t, st, "ann")); n != 2 {
		t.Errorf("%d records are listed, want 2", n)
	}
	r := record("zero")
	r.Expires = time.Time{}
	ok(t, st.Create(ctx, r))
	if _, err := st.Load(ctx, "zero"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Load of what has no expiry: %v", err)
	}
}

// TestNoLiveRecordIsEverHiddenFromList while it changes hands, is deleted and
// made again, and everybody lists.
func TestNoLiveRecordIsEverHiddenFromList(t *testing.T) {
	client, opts := connect(t, testserver.Find(t, testserver.Redis).Address, nil), options(0)
	st := open(t, client, opts)
	ctx, cancel := context.WithCancel(t.Context())
	var listers sync.WaitGroup
	for _, subject := range []string{"ann", "bob"} {
		listers.Go(func() {
			for ctx.Err() == nil {
				for _, err := range st.List(ctx, subject) {
					if err != nil && ctx.Err() == nil {
						t.Error(err)
					}
				}
			}
		})
	}
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			r := record(fmt.Sprint("a", w))
			for range 50 {
				r.Version = 0
				if err := st.Create(ctx, r); err != nil {
					t.Error(err)
					return
				}
				for r.Version = 1; r.Version < 4; r.Version++ {
					r.Subject = []string{"ann", "bob"}[r.Version%2]
					if err := st.Save(ctx, r); err != nil {
						t.Error(err)
					}
					listed := false
					for got, err := range st.List(ctx, r.Subject) {
						listed = listed || err == nil && got.ID == r.ID
					}
					if !listed {
						t.Errorf("%s at version %d is not listed", r.ID, r.Version+1)
					}
				}
				if err := st.Delete(ctx, r.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	cancel()
	listers.Wait()
}
