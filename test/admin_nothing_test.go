package test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
)

// TestR80_EndingNothingIsAnError: Revoke says so, and nothing is reported that
// did not happen.
func TestR80_EndingNothingIsAnError(t *testing.T) {
	for name, end := range map[string]func(a *app, b *browser, id string) string{
		"an id that never was":       func(*app, *browser, string) string { return "01ARZ3NDEKTSV4RRFFQ69G5FAV" },
		"no id":                      func(*app, *browser, string) string { return "" },
		"a token":                    func(_ *app, b *browser, _ string) string { return b.token() },
		"a session that was revoked": func(a *app, _ *browser, id string) string { _ = a.Revoke(context.Background(), id); return id },
		"a session that was left":    func(a *app, b *browser, id string) string { b.visit(a, signOut); return id },
		"a session that has expired": func(_ *app, _ *browser, id string) string { <-time.After(time.Hour); return id },
		"a session whose life is over": func(a *app, b *browser, id string) string {
			for range 24 {
				<-time.After(time.Hour - time.Second)
				b.visit(a, read)
			}
			<-time.After(24 * time.Second)
			return id
		},
		"a session of another namespace": func(a *app, _ *browser, _ string) string {
			other := a.as(sessions.Options{Namespace: "other", OnEvent: ignore})
			c := other.browser(signIn("ann"))
			c.get()
			return other.id(c.token())
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{})
				b.visit(a, both(count, signIn("ann")))
				id := end(a, b, a.id(b.token()))
				records := a.kept()
				a.kinds()
				a.store.Ops()
				want(t, "Revoke", a.Revoke(t.Context(), id), sessions.ErrNotFound)
				if strings.HasPrefix(name, "a session") || name == "an id that never was" {
					want(t, "store calls", a.store.Ops(), "load")
				} else { // text of strangers does not reach the store
					want(t, "store calls", a.store.Ops(), "")
				}
				want(t, "events", a.kinds(), "")
				want(t, "records", a.kept(), records)
			})
		})
	}
	t.Run("all sessions of nobody", func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		for _, subject := range []string{"", "nobody"} {
			want(t, "RevokeAll", a.RevokeAll(t.Context(), subject), nil)
			want(t, "RevokeAllExcept", a.RevokeAllExcept(t.Context(), subject, "01ARZ3NDEKTSV4RRFFQ69G5FAV"), nil)
		}
		want(t, "events", a.kinds(), "")
	})
	for name, tc := range map[string]struct {
		page   handler
		events string
	}{
		"Destroy":               {signOut, ""},
		"Destroy twice":         {both(signOut, signOut), ""},
		"a policy in the past":  {expiring(sessions.AtTime(time.Unix(0, 0))), ""},
		"Destroy after a write": {both(saving(t, sessions.ErrNotFound, func(s *sessions.Session) error { return counter.Set(s, 2) }), signOut), "gone"},
	} {
		t.Run(name+" of a session that ended in the meantime", func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			b.visit(a, both(count, signIn("ann")))
			id := a.id(b.token())
			resp := b.visit(a, meanwhile(func() {
				want(t, "Revoke", a.Revoke(t.Context(), id), nil)
				a.kinds()
			}, tc.page))
			want(t, "status", resp.StatusCode, http.StatusOK)
			want(t, "events", a.kinds(), tc.events)
		})
	}
	t.Run("Destroy twice in one request is one end", func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, both(count, signIn("ann")))
		a.kinds()
		b.visit(a, both(signOut, signOut))
		want(t, "events", a.kinds(), "destroyed")
		b.visit(a, signOut)
		want(t, "events of a logout of nobody", a.kinds(), "")
	})
}

// ahead is a store as a process sees it whose clock is ahead.
type ahead struct {
	store.Store
	by time.Duration
}

func (s ahead) Create(ctx context.Context, r store.Record) error {
	r.Expires = r.Expires.Add(s.by)
	return s.Store.Create(ctx, r)
}

func (s ahead) Load(ctx context.Context, id string) (store.Record, error) {
	r, err := s.Store.Load(ctx, id)
	r.Expires = r.Expires.Add(-s.by)
	return r, err
}

func (s ahead) Save(ctx context.Context, r store.Record) error {
	r.Expires = r.Expires.Add(s.by)
	return s.Store.Save(ctx, r)
}

func (s ahead) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for r, err := range store.List(ctx, s.Store, subject) {
			if r.Expires = r.Expires.Add(-s.by); !yield(r, err) {
				return
			}
		}
	}
}

// process returns an app over the same store, in a process whose clock is
// ahead.
func (a *app) process(by time.Duration) *app {
	other := a.as(sessions.Options{})
	var err error
	if other.Manager, err = sessions.New(ahead{a.store, by}, sessions.Options{OnEvent: ignore}); err != nil {
		a.t.Fatal(err)
	}
	return other
}

// TestR80_ClocksMayDiffer: processes whose clocks are five minutes apart lose
// no logout.
func TestR80_ClocksMayDiffer(t *testing.T) {
	for name, end := range endings {
		for _, by := range []time.Duration{-5 * time.Minute, 5 * time.Minute} {
			t.Run(fmt.Sprintf("%s by a process that is ahead by %v", name, by), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a, b := fresh(t, sessions.Options{})
					other := a.process(by)
					b.visit(a, both(count, signIn("ann")))
					id := a.id(b.token())
					for range 3 { // each process renews, and logs in again
						<-time.After(20 * time.Minute)
						b.visit(other, both(count, renewing))
						b.visit(other, signIn("ann"))
						b.visit(a, both(count, renewing))
					}
					old := b.token()
					want(t, "the session at one process", a.see(old), `200 "ann" 7`)
					want(t, "the session at the other", other.see(old), `200 "ann" 7`)
					b.visit(a, meanwhile(func() { want(t, "the end", end(other, b, id), nil) }, count))
					want(t, "the token at one process", a.see(old), `200 "" 0`)
					want(t, "the token at the other", other.see(old), `200 "" 0`)
					want(t, "records", a.kept(), 0)
				})
			})
		}
	}
}
