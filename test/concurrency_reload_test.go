package test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// wantKeys checks which keys a session has.
func wantKeys(t *testing.T, what string, s *sessions.Session, keys ...string) {
	t.Helper()
	if diff := cmp.Diff(keys, slices.Collect(s.Keys())); diff != "" {
		t.Errorf("%s: keys (-want +got)\n%s", what, diff)
	}
}

func TestReload_MakesUnsavedChangesAgain(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	add := func(n int) int { return n + 1 }
	a.within(b, func(ctx context.Context, s *sessions.Session) {
		_ = s.Set("mine", 1)
		_, _ = counter.Update(s, add)
		a.overtake(b, func(s *sessions.Session) { _ = counter.Set(s, 10); _ = s.Set("theirs", 1) })
		a.store.Ops()
		want(t, "Reload", s.Reload(ctx), nil)
		want(t, "store calls", a.store.Ops(), "load")
		wantKeys(t, "after Reload", s, "counter", "mine", "theirs")
		n, _ := counter.Get(s)
		want(t, "counter", n, 11)
		want(t, "Modified", s.Modified(), true)
		a.overtake(b, func(s *sessions.Session) { _ = counter.Set(s, 20) })
	})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		n, _ := counter.Get(s)
		want(t, "counter, overtaken once more", n, 21)
		wantKeys(t, "stored", s, "counter", "mine", "theirs")
	})
}

func TestReload_FollowsRenewals(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(both(count, signIn("ann")))
	b.get()
	other := b.with(a, read)
	token := b.token()
	a.within(b, func(ctx context.Context, s *sessions.Session) {
		_ = s.Set("mine", 1)
		for range 2 {
			other.visit(a, renewing)
		}
		want(t, "Reload", s.Reload(ctx), nil)
		want(t, "id", s.ID(), a.id(other.token()))
		s.SetExpiry(sessions.Remember(day, year))
	})
	want(t, "the token of this browser, which is not told the new one", b.token(), token)
	a.within(other, func(_ context.Context, s *sessions.Session) { wantKeys(t, "stored", s, "counter", "mine") })
}

func TestReload_KeepsTheTokenToSend(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	token := b.token()
	resp := b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		want(t, "Reload", s.Reload(r.Context()), nil)
		s.SetExpiry(sessions.Remember(day, year))
	})
	want(t, "Max-Age", maxAge(resp), "86400")
	want(t, "token", b.token(), token)
}

// slow is a store whose next answer to Load takes a while to arrive.
type slow struct {
	*memstore.Store
	meanwhile func()
}

func (s *slow) Load(ctx context.Context, id string) (store.Record, error) {
	r, err := s.Store.Load(ctx, id)
	if f := s.meanwhile; f != nil {
		s.meanwhile = nil
		f()
	}
	return r, err
}

func TestR48_ReloadAndSaveTakeTurns(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	a.within(b, func(ctx context.Context, s *sessions.Session) {
		_ = s.Set("mine", 1)
		saved := make(chan error, 1)
		st := &slow{Store: a.store.Store.(*memstore.Store), meanwhile: func() {
			go func() { saved <- s.Save(ctx) }()
			for range 1000 {
				runtime.Gosched()
			}
		}}
		a.store.Store = st
		want(t, "Reload", s.Reload(ctx), nil)
		want(t, "Save", <-saved, nil)
		wantKeys(t, "afterwards", s, "counter", "mine")
		want(t, "Modified", s.Modified(), false)
	})
}

func TestReload_EndedSessionChangesNothing(t *testing.T) {
	for name, end := range map[string]func(a *app, b *browser){
		"logout":          func(a *app, b *browser) { b.visit(a, signOut) },
		"another's login": func(a *app, b *browser) { b.visit(a, signIn("bob")) },
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(both(count, signIn("ann")))
			b.get()
			other := b.with(a, read)
			a.within(b, func(ctx context.Context, s *sessions.Session) {
				_ = s.Set("mine", 1)
				id := s.ID()
				end(a, other)
				a.kinds()
				if err := s.Reload(ctx); !errors.Is(err, sessions.ErrNotFound) {
					t.Errorf("Reload: %v, want ErrNotFound", err)
				}
				want(t, "events", a.kinds(), "gone")
				want(t, "id", s.ID(), id)
				want(t, "subject", s.Subject(), "ann")
				wantKeys(t, "afterwards", s, "counter", "mine")
			})
		})
	}
}

func TestReload_ChangeThatFitsNoMore(t *testing.T) {
	a := newApp(t, sessions.Options{MaxBytes: 1000})
	b := a.browser(count)
	b.get()
	long := strings.Repeat("x", 600)
	reply := a.within(b, func(ctx context.Context, s *sessions.Session) {
		_ = s.Set("mine", long)
		a.overtake(b, func(s *sessions.Session) { _ = s.Set("theirs", long) })
		if err := s.Reload(ctx); !errors.Is(err, sessions.ErrTooLarge) {
			t.Errorf("Reload: %v, want ErrTooLarge", err)
		}
		wantKeys(t, "afterwards", s, "counter", "mine")
	})
	want(t, "reply", reply, "500 Internal Server Error")
	a.within(b, func(_ context.Context, s *sessions.Session) { wantKeys(t, "stored", s, "counter", "theirs") })
}

func TestReload_NewSessionAsksNobody(t *testing.T) {
	a := newApp(t, sessions.Options{})
	a.within(a.browser(nil), func(ctx context.Context, s *sessions.Session) {
		_ = counter.Set(s, 1)
		want(t, "Reload", s.Reload(ctx), nil)
		want(t, "store calls", a.store.Ops(), "")
		wantKeys(t, "afterwards", s, "counter")
	})
}
