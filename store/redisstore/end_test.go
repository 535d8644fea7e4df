package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/redisstore"
)

// TestR105_EndedSessionLeavesNoIndexEntry: a session that is logged out, that
// another user takes over or that is deleted leaves the index of its user at
// once, although other requests of the user are under way.
func TestR105_EndedSessionLeavesNoIndexEntry(t *testing.T) {
	each(t, func(t *testing.T, client rueidis.Client, opts redisstore.Options) {
		ctx := t.Context()
		st := open(t, client, opts)
		save := func(st *redisstore.Store, r store.Record, subject string) error {
			r.Subject = subject
			return st.Save(ctx, r)
		}
		touch := func(st *redisstore.Store, r store.Record, d time.Duration) error {
			return st.Touch(ctx, r.ID, r.Version, r.Expires.Add(d))
		}
		for name, end := range map[string]func(r store.Record) error{
			"deleted":          func(r store.Record) error { return st.Delete(ctx, r.ID) },
			"logged out":       func(r store.Record) error { return save(st, r, "") },
			"of another user":  func(r store.Record) error { return save(st, r, "bob") },
			"of a longer name": func(r store.Record) error { return save(st, r, "ann and bob") },
			"of a shorter name, and deleted": func(r store.Record) error {
				return errors.Join(save(st, r, "an"), st.Delete(ctx, r.ID))
			},
		} {
			for others, first := range map[string]func(st *redisstore.Store, r store.Record) error{
				"":                     func(*redisstore.Store, store.Record) error { return nil },
				", while two touch it": func(st *redisstore.Store, r store.Record) error { return touch(st, r, 3*time.Hour) },
				", while another saves": func(st *redisstore.Store, r store.Record) error {
					r.Expires = r.Expires.Add(3 * time.Hour)
					return st.Save(ctx, r)
				},
			} {
				for by, second := range map[string]func(st *redisstore.Store, r store.Record) error{
					" (touch)": func(st *redisstore.Store, r store.Record) error { return touch(st, r, 2*time.Hour) },
					" (save)": func(st *redisstore.Store, r store.Record) error {
						r.Expires = r.Expires.Add(2 * time.Hour)
						return st.Save(ctx, r)
					},
				} {
					what := name + others + by
					r := record(what)
					ok(t, st.Create(ctx, r))
					// The second writes the index after the first has written everything.
					var outrun error
					slow := open(t, late{client, func() { outrun = errors.Join(outrun, first(st, r)) }}, opts)
					if err := second(slow, r); err != nil && !errors.Is(err, store.ErrConflict) {
						t.Errorf("%s: %v", what, err)
					}
					ok(t, outrun)
					r, err := st.Load(ctx, r.ID)
					ok(t, err)
					ok(t, end(r))
					if diff := cmp.Diff(map[string]string{}, entries(t, client, opts, "ann")); diff != "" {
						t.Errorf("%s: the index holds (-want +got):\n%s", what, diff)
						do(t, client, "DEL", opts.Prefix+"subject:ann")
					}
				}
			}
		}
	})
}

// TestR105_ListReadsALargeIndexInSteps: a list of a user with many sessions
// that have gone holds nobody up, yields each session once and cleans the index.
func TestR105_ListReadsALargeIndexInSteps(t *testing.T) {
	const live, gone, most = 300, 20_000, 1000
	ctx := t.Context()
	server := testserver.Private(t, testserver.Redis)
	client, opts := connect(t, server.Address, nil), options(0)
	st := open(t, client, opts)
	index := opts.Prefix + "subject:ann"
	var want []string
	for i := range live {
		id := fmt.Sprintf("live-%03d", i)
		want = append(want, id)
		ok(t, st.Create(ctx, record(id)))
	}
	old := entry(time.Now().Add(time.Hour), time.Now().Add(-2*time.Hour))
	for n := range gone / most {
		fill := []string{"HSET", index}
		for i := range most {
			fill = append(fill, fmt.Sprintf("gone-%d", n*most+i), old)
		}
		do(t, client, fill...)
	}
	before := commands(t, client)
	got := ids(t, st, "ann")
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
	after := commands(t, client)
	if n := after["hscan"] - before["hscan"]; n < gone/most || after["hgetall"] > before["hgetall"] {
		t.Errorf("an index of %d entries was read in %d steps", live+gone, n)
	}
	if n := len(entries(t, client, opts, "ann")); n != live {
		t.Errorf("the index holds %d entries after the list, want %d", n, live)
	}
}

// TestR105_ListOfAnIndexInOnePiece: a server that keeps a large index in one
// piece returns it in one step.
func TestR105_ListOfAnIndexInOnePiece(t *testing.T) {
	const live = 450
	ctx := t.Context()
	server := testserver.Private(t, testserver.Redis)
	client, opts := connect(t, server.Address, nil), options(0)
	st := open(t, client, opts)
	do(t, client, "CONFIG", "SET", "hash-max-listpack-entries", "512")
	for i := range live {
		ok(t, st.Create(ctx, record(fmt.Sprint(i))))
	}
	m := do(t, client, "OBJECT", "ENCODING", opts.Prefix+"subject:ann")
	if s, err := m.ToString(); err != nil || !strings.Contains(s, "listpack") {
		t.Fatalf("the index is a %q, error %v", s, err)
	}
	if n := len(ids(t, st, "ann")); n != live {
		t.Errorf("%d are listed, want %d", n, live)
	}
	for range st.List(ctx, "ann") {
		break
	}
	ended, end := context.WithCancel(ctx)
	end()
	for _, err := range st.List(ended, "ann") {
		wants(t, "List with an ended context", err, "canceled")
	}
}
