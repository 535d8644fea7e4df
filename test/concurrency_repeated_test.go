package test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// repeating is a store whose driver repeats each write because the first
// answer was lost. The second answer is a conflict.
type repeating struct{ *memstore.Store }

func (st repeating) Create(ctx context.Context, r store.Record) error {
	_ = st.Store.Create(ctx, r)
	return st.Store.Create(ctx, r)
}

func (st repeating) Save(ctx context.Context, r store.Record) error {
	_ = st.Store.Save(ctx, r)
	return st.Store.Save(ctx, r)
}

// repeat makes the app's store a repeating one.
func (a *app) repeat() *memstore.Store {
	mem := a.store.Store.(*memstore.Store)
	a.store.Store = repeating{mem}
	return mem
}

func TestR46_WriteThatTheDriverRepeatsIsRecognized(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	mem := a.repeat()
	b.visit(a, count)
	b.visit(a, count)
	b.visit(a, both(count, signIn("ann")))
	want(t, "the session", a.see(b.token()), `200 "ann" 3`)
	want(t, "records", mem.Len(), 1)
}

// TestR79_ConflictThatCannotBeLookedAtIsADoubt: the conflict is the session's
// own write. The next save looks at the record and repeats nothing.
func TestR79_ConflictThatCannotBeLookedAtIsADoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, count)
		a.repeat()
		b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			_, _ = counter.Update(s, func(n int) int { return n + 1 })
			a.store.Fault = failing("load", faultstore.Before)
			if err := s.Save(r.Context()); !errors.Is(err, sessions.ErrUnavailable) {
				t.Errorf("Save: %v, want ErrUnavailable", err)
			}
			a.store.Fault = nil
			want(t, "Save", s.Save(r.Context()), nil)
		})
		want(t, "counter", b.with(a, read).get(), "200 2")
	})
}
