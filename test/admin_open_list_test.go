package test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// spoil flips a bit of a record.
func spoil(t testing.TB, a *app, id string) {
	t.Helper()
	r, err := a.store.Store.Load(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	r.Data = slices.Clone(r.Data)
	r.Data[len(r.Data)/2] ^= 1
	if err := a.store.Store.Save(context.Background(), r); err != nil {
		t.Fatal(err)
	}
}

func TestOpen_FindsTheSessionOfAToken(t *testing.T) {
	ctx := t.Context()
	a := newApp(t, sessions.Options{})
	b := a.browser(both(count, signIn("ann")))
	b.get()
	a.store.Ops()
	s, err := a.Open(ctx, b.token())
	if err != nil {
		t.Fatal(err)
	}
	want(t, "subject", s.Subject(), "ann")
	want(t, "IsNew", s.IsNew(), false)
	n, err := counter.Get(s)
	want(t, "counter", n, 1)
	want(t, "error", err, nil)
	want(t, "Set", counter.Set(s, 5), nil)
	want(t, "store calls before Save", a.store.Ops(), "load")
	want(t, "what others see before Save", a.see(b.token()), `200 "ann" 1`)
	want(t, "Save", s.Save(ctx), nil)
	want(t, "what others see after it", a.see(b.token()), `200 "ann" 5`)

	if err := s.Renew(); !errors.Is(err, sessions.ErrHeadersSent) {
		t.Errorf("Renew: %v, want ErrHeadersSent", err)
	}
	if err := s.SetSubject("bob"); !errors.Is(err, sessions.ErrHeadersSent) {
		t.Errorf("SetSubject: %v, want ErrHeadersSent", err)
	}
	want(t, "the session after all that", a.see(b.token()), `200 "ann" 5`)
}

func TestOpen_Destroy(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(both(count, signIn("ann")))
	b.get()
	s, err := a.Open(t.Context(), b.token())
	if err != nil {
		t.Fatal(err)
	}
	s.Destroy()
	want(t, "before Save", a.see(b.token()), `200 "ann" 1`)
	want(t, "Save", s.Save(t.Context()), nil)
	want(t, "after it", a.see(b.token()), `200 "" 0`)
	want(t, "records", a.kept(), 0)
}

func TestOpen_SaveAfterTheEnd(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(both(count, signIn("ann")))
	b.get()
	s, err := a.Open(t.Context(), b.token())
	if err != nil {
		t.Fatal(err)
	}
	b.visit(a, signOut)
	_ = counter.Set(s, 2)
	if err := s.Save(t.Context()); !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("Save: %v, want ErrNotFound", err)
	}
	if err := s.Reload(t.Context()); err != nil && !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("Reload: %v", err)
	}
	want(t, "records", a.kept(), 0)
}

func TestOpen_Errors(t *testing.T) {
	ctx := t.Context()
	a := newApp(t, sessions.Options{})
	visitor := func() string { b := a.browser(count); b.get(); return b.token() }
	good, other, corrupt, over := visitor(), visitor(), visitor(), visitor()
	spoil(t, a, a.id(corrupt))
	if err := a.Revoke(ctx, a.id(over)); err != nil {
		t.Fatal(err)
	}
	a.kinds()
	for _, c := range []struct {
		name, token string
		err         error
		event       string
	}{
		{"empty", "", sessions.ErrNotFound, ""},
		{"malformed", "nonsense", sessions.ErrNotFound, "rejected"},
		{"id of one, secret of another", good[:24] + other[24:], sessions.ErrNotFound, "rejected"},
		{"over", over, sessions.ErrNotFound, "expired"},
		{"unknown", strings.Repeat("A", 48), sessions.ErrNotFound, "expired"},
		{"corrupt", corrupt, sessions.ErrCorrupt, "corrupt"},
	} {
		s, err := a.Open(ctx, c.token)
		if s != nil || !errors.Is(err, c.err) {
			t.Errorf("%s: %v, %v, want %v", c.name, s, err, c.err)
		}
		want(t, c.name+": events", a.kinds(), c.event)
	}
	a.store.Fault = failing("load", faultstore.Before)
	if _, err := a.Open(ctx, good); !errors.Is(err, sessions.ErrUnavailable) || !errors.Is(err, faultstore.ErrDown) {
		t.Errorf("store down: %v, want ErrUnavailable and why", err)
	}
	want(t, "store down: events", a.kinds(), "unavailable")
	a.store.Fault = nil
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := a.Open(gone, good); !errors.Is(err, sessions.ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("context over: %v, want ErrUnavailable and why", err)
	}
	want(t, "context over, which says nothing about the store: events", a.kinds(), "")
}

// list returns the ids that List yields, and the errors.
func list(a *app, subject string) (ids []string, errs []error) {
	for s, err := range a.List(context.Background(), subject) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		ids = append(ids, s.ID())
	}
	slices.Sort(ids)
	return ids, errs
}

func TestList_YieldsTheSubjectsLiveSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		login := func(name string) string { b := a.browser(both(count, signIn(name))); b.get(); return b.token() }
		login("ann") // will have expired
		<-time.After(59 * time.Minute)
		one, two, corrupt, revoked := login("ann"), login("ann"), login("ann"), login("ann")
		login("bob")
		a.browser(count).get()
		renewed := a.browser(both(count, signIn("ann")))
		renewed.get()
		renewed.visit(a, renewing)
		if err := a.Revoke(t.Context(), a.id(revoked)); err != nil {
			t.Fatal(err)
		}
		corruptID := a.id(corrupt)
		spoil(t, a, corruptID)
		<-time.After(2 * time.Minute)

		ids, errs := list(a, "ann")
		live := []string{a.id(one), a.id(two), a.id(renewed.token())}
		slices.Sort(live)
		want(t, "sessions", fmt.Sprint(ids), fmt.Sprint(live))
		if len(errs) != 1 || !errors.Is(errs[0], sessions.ErrCorrupt) || !strings.Contains(errs[0].Error(), corruptID) {
			t.Errorf("errors %v, want ErrCorrupt of %s", errs, corruptID)
		}
		for s := range a.List(t.Context(), "ann") {
			if s != nil {
				want(t, "subject", s.Subject(), "ann")
			}
			break
		}
		none, errs := list(a, "")
		want(t, "sessions of nobody", len(none)+len(errs), 0)
		none, errs = list(a, "eve")
		want(t, "sessions of a stranger", len(none)+len(errs), 0)
	})
}

// lasting is a store that says that records live on.
type lasting struct {
	*memstore.Store
	records []store.Record
}

func (l *lasting) List(context.Context, string) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for _, r := range l.records {
			if r.Expires = r.Expires.Add(1000 * time.Hour); !yield(r, nil) {
				return
			}
		}
	}
}

// TestList_RecordDecidesWhenASessionEnds: what the store takes for live is
// left out once its lifetime is over.
func TestList_RecordDecidesWhenASessionEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		b := a.browser(signIn("ann"))
		b.get()
		r, err := a.store.Store.Load(t.Context(), a.id(b.token()))
		if err != nil {
			t.Fatal(err)
		}
		a.store.Store = &lasting{records: []store.Record{r}}
		<-time.After(day - time.Millisecond)
		ids, errs := list(a, "ann")
		want(t, "just before the end", fmt.Sprint(ids, errs), fmt.Sprintf("[%s] []", r.ID))
		<-time.After(time.Millisecond)
		ids, errs = list(a, "ann")
		want(t, "at the end", fmt.Sprint(ids, errs), "[] []")
	})
}

func TestList_CanBeLeftAtAnError(t *testing.T) {
	a := newApp(t, sessions.Options{})
	for range 2 {
		b := a.browser(signIn("ann"))
		b.get()
		spoil(t, a, a.id(b.token()))
	}
	n := 0
	for _, err := range a.List(t.Context(), "ann") {
		if !errors.Is(err, sessions.ErrCorrupt) {
			t.Errorf("%v, want ErrCorrupt", err)
		}
		n++
		break
	}
	want(t, "errors", n, 1)
}

func TestList_Failures(t *testing.T) {
	a := newApp(t, sessions.Options{})
	a.browser(signIn("ann")).get()
	a.store.Fault = failing("list", faultstore.Before)
	ids, errs := list(a, "ann")
	if len(ids) != 0 || len(errs) != 1 || !errors.Is(errs[0], sessions.ErrUnavailable) || !errors.Is(errs[0], faultstore.ErrDown) {
		t.Errorf("store down: %v, %v", ids, errs)
	}
	m, err := sessions.New(struct{ store.Store }{new(memstore.Store)}, sessions.Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for s, err := range m.List(t.Context(), "ann") {
		n++
		if s != nil || !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("no Lister: %v, %v, want ErrUnsupported", s, err)
		}
	}
	want(t, "times that it says so", n, 1)
	if err := m.RevokeAll(t.Context(), "ann"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("RevokeAll: %v, want ErrUnsupported", err)
	}
}
