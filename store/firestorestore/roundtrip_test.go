package firestorestore_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/firestorestore"
)

const (
	get    = "BatchGetDocuments"
	commit = "Commit"
	query  = "RunQuery"
	bulk   = "BatchWrite" // of twenty deletes
)

// TestRequests counts what goes over the wire. A Commit is billed as one write
// (or delete), a BatchGetDocuments as one read, a RunQuery as one read for
// each document, and a BatchWrite as one delete for each.
func TestRequests(t *testing.T) {
	ctx := t.Context()
	w := new(wire)
	client, opts := connect(t, server(t), w.options()...), options()
	st, other := open(t, client, opts), open(t, connect(t, server(t)), opts)
	r := record("a")
	load := func() error { _, err := st.Load(ctx, r.ID); return err }
	save := func(st *firestorestore.Store, r *store.Record) func() error {
		return func() error {
			err := st.Save(ctx, *r)
			r.Version++
			return err
		}
	}
	touch := func(st *firestorestore.Store) func() error {
		return func() error {
			r.Expires = r.Expires.Add(time.Minute)
			return st.Touch(ctx, r.ID, r.Version, r.Expires)
		}
	}
	list := func() error {
		for _, err := range st.List(ctx, r.Subject) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	for _, c := range []struct {
		name   string
		before func() error // by another process
		run    func() error
		want   []string
	}{
		{"Create", nil, func() error { return st.Create(ctx, r) }, []string{commit}},
		{"Save of what was created here", nil, save(st, &r), []string{commit}},
		{"Save of what was saved here", nil, save(st, &r), []string{commit}},
		{"Load", nil, load, []string{get}},
		{"Load of what another has saved", save(other, &r), load, []string{get}},
		{"Save of what was loaded", nil, save(st, &r), []string{commit}},
		{"Touch", nil, touch(st), []string{commit}},
		{"Save of what was touched here", nil, save(st, &r), []string{commit}},
		{"Touch that is not later", nil, func() error { return st.Touch(ctx, r.ID, r.Version, r.Expires) }, []string{get}},
		{"Save of what another has touched", touch(other), save(st, &r), []string{get, commit, commit}},
		{"Save of what is not remembered", func() error { st.Remember(1); return nil }, save(st, &r), []string{get, commit}},
		{"Touch of what is not remembered", func() error { st.Remember(1); return nil }, touch(st), []string{get, commit}},
		{"List", nil, list, []string{query}},
		{"Delete", nil, func() error { return st.Delete(ctx, r.ID) }, []string{commit}},
		{"Load of nothing", nil, func() error { return is(load(), store.ErrNotFound) }, []string{get}},
		{"Save of nothing", nil, func() error { return is(st.Save(ctx, r), store.ErrConflict) }, []string{get}},
		{"Sweep of nothing", nil, func() error { _, err := st.Sweep(ctx, 10); return err }, []string{query}},
	} {
		if c.before != nil {
			ok(t, c.before())
		}
		w.took()
		if err := c.run(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, w.took()); diff != "" {
			t.Errorf("%s: other requests (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestLongListAndSweepAreReadInPages(t *testing.T) {
	ctx := t.Context()
	w := new(wire)
	st := open(t, connect(t, server(t), w.options()...), options())
	dead := record("dead")
	dead.Expires = time.Now().Add(-time.Second)
	for i := range 101 {
		r := record(fmt.Sprint(i))
		ok(t, st.Create(ctx, r))
		dead.ID = fmt.Sprint("dead-", i)
		ok(t, st.Create(ctx, dead))
	}
	w.took()
	if got := ids(t, st, "ann"); len(got) != 101 {
		t.Errorf("%d records are listed, want 101", len(got))
	}
	if diff := cmp.Diff([]string{query, query, query}, w.took()); diff != "" {
		t.Errorf("List of 202 documents (-want +got):\n%s", diff)
	}
	if n, err := st.Sweep(ctx, 50); n != 50 || err != nil {
		t.Errorf("swept %d, error %v; want 50", n, err)
	}
	if got := strings.Join(w.took(), " "); got != strings.Repeat(bulk+" ", 3)+query {
		t.Errorf("a sweep of 50 takes %s", got)
	}
	if n, err := st.Sweep(ctx, 1000); n != 51 || err != nil {
		t.Errorf("swept %d, error %v; want 51", n, err)
	}
	if got := ids(t, st, "ann"); len(got) != 101 {
		t.Errorf("%d records are listed after the sweep, want 101", len(got))
	}
}

// TestRequestOfAVisitor: what a handler that changes a session costs.
func TestRequestOfAVisitor(t *testing.T) {
	w := new(wire)
	m, err := sessions.New(open(t, connect(t, server(t), w.options()...), options()), sessions.Options{})
	ok(t, err)
	const hits = sessions.Key[int]("hits")
	visit := func(ctx context.Context, s *sessions.Session) {
		_, err := hits.Update(s, func(n int) int { return n + 1 })
		ok(t, err)
		ok(t, s.Save(ctx))
	}
	token := begin(t, m, visit)
	if diff := cmp.Diff([]string{commit}, w.took()); diff != "" {
		t.Errorf("the first visit (-want +got):\n%s", diff)
	}
	for range 3 {
		s, err := m.Open(t.Context(), token)
		ok(t, err)
		visit(t.Context(), s)
		if diff := cmp.Diff([]string{get, commit}, w.took()); diff != "" {
			t.Errorf("a visit (-want +got):\n%s", diff)
		}
	}
}

// TestMemoryIsBounded: what does not fit is asked for.
func TestMemoryIsBounded(t *testing.T) {
	ctx := t.Context()
	w := new(wire)
	st := open(t, connect(t, server(t), w.options()...), options())
	st.Remember(2)
	for i := range 9 {
		ok(t, st.Create(ctx, record(fmt.Sprint(i))))
		if n := st.Remembered(); n > 4 {
			t.Fatalf("%d documents are remembered, want 4 at most", n)
		}
	}
	for id, want := range map[string][]string{"8": {commit}, "0": {get, commit}} {
		w.took()
		ok(t, st.Save(ctx, record(id)))
		if diff := cmp.Diff(want, w.took()); diff != "" {
			t.Errorf("Save of %s (-want +got):\n%s", id, diff)
		}
	}
	st.Remember(1)
	ok(t, st.Create(ctx, record("old")))
	ok(t, st.Create(ctx, record("new")))
	ok(t, st.Delete(ctx, "old"))
	ok(t, st.Delete(ctx, "new"))
	if n := st.Remembered(); n > 0 {
		t.Errorf("%d documents are remembered, which are deleted", n)
	}
}
