package test

import (
	"context"
	"iter"
	"net/http"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

func TestR81_AnotherNamespaceListsAndRevokesNothing(t *testing.T) {
	a, b := fresh(t, sessions.Options{Namespace: "one"})
	b.visit(a, both(count, signIn("ann")))
	id := a.id(b.token())
	other := a.as(sessions.Options{Namespace: "two"})
	ids, errs := list(other, "ann")
	want(t, "listed", len(ids)+len(errs), 0)
	want(t, "RevokeAll", other.RevokeAll(t.Context(), "ann"), nil)
	wantOver(t, "Revoke", other.Revoke(t.Context(), id))
	want(t, "what the other manager sees", other.see(b.token()), `200 "" 0`)
	want(t, "the session", a.see(b.token()), `200 "ann" 1`)
}

// peeking is a store that looks at the context of List.
type peeking struct {
	*memstore.Store
	look func(context.Context)
}

func (p peeking) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	p.look(ctx)
	return p.Store.List(ctx, subject)
}

// TestListHidesTheSessionFromTheStore: as every other operation does.
func TestListHidesTheSessionFromTheStore(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, signIn("ann"))
	b.visit(a, func(_ http.ResponseWriter, r *http.Request, _ *sessions.Session) {
		looked := false
		a.store.Store = peeking{a.store.Store.(*memstore.Store), func(ctx context.Context) {
			looked = true
			_, err := sessions.Load(ctx)
			want(t, "the store gets the session of the request", err == nil, false)
		}}
		for _, err := range a.List(r.Context(), "ann") {
			want(t, "List", err, nil)
		}
		want(t, "the store was asked", looked, true)
	})
}
