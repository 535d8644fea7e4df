package test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// distant is a contested store that takes a millisecond to say so.
type distant struct{ contested }

func (d *distant) Save(ctx context.Context, r store.Record) error {
	<-time.After(time.Millisecond)
	return d.contested.Save(ctx, r)
}

// TestR45_RetriesAreSpreadOut: with pauses of up to 64 round trips, 32 at an
// average, there are about 150 tries in five seconds.
func TestR45_RetriesAreSpreadOut(t *testing.T) {
	for _, gone := range []bool{false, true} {
		t.Run(fmt.Sprintf("client gone %t", gone), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newApp(t, sessions.Options{})
				mem := new(memstore.Store)
				a.store.Store = mem
				b := a.browser(count)
				b.get()
				st := &distant{contested{Store: mem, id: a.id(b.token())}}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				b.h = a.Handler(sessions.HandlerFunc(meanwhile(func() {
					if a.store.Store = st; gone {
						cancel()
					}
				}, count)))
				wantDown(t, "reply", b.do(httptest.NewRequestWithContext(ctx, "POST", "/", nil)))
				if st.saves < 110 || st.saves > 200 {
					t.Errorf("%d tries", st.saves)
				}
			})
		})
	}
}

// TestR46_LostAnswerAndARenewal: the record says that the write did not arrive,
// though another request has renewed the session since.
func TestR46_LostAnswerAndARenewal(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(both(count, signIn("ann")))
	b.get()
	other := b.with(a, read)
	a.within(b, func(ctx context.Context, s *sessions.Session) {
		_ = counter.Set(s, 2)
		a.store.Fault = failing("save", faultstore.Before)
		a.during("load", func() {
			a.store.Fault = nil
			want(t, "renewal", text(other.visit(a, renewing)), "200 renewed")
		})
		want(t, "Save", s.Save(ctx), nil)
		want(t, "the renewed session", a.see(other.token()), `200 "ann" 2`)
	})
}

// TestSessionThatEndedIsEmpty: once that is known, nothing of it is shown, and
// nothing is saved but a login.
func TestSessionThatEndedIsEmpty(t *testing.T) {
	var old *sessions.Typed[int]
	for name, tc := range map[string]struct {
		before, after func(s *sessions.Session)
		token         string
	}{
		"and a write is dropped": {
			func(*sessions.Session) {}, func(s *sessions.Session) { _ = counter.Set(s, 3) }, `200 "" 0`,
		},
		"and a write after a renewal is dropped": {
			func(s *sessions.Session) { _ = s.Renew() }, func(s *sessions.Session) { _ = counter.Set(s, 3) }, `200 "" 0`,
		},
		"and so is what a Typed holds, at a login": {
			func(s *sessions.Session) {
				p, _ := counter.Open(s)
				old = p
			}, func(s *sessions.Session) { old.Data = 9; s.SetSubject("bob") }, `200 "bob" 0`,
		},
		"and a login begins a new one": {
			func(*sessions.Session) {}, func(s *sessions.Session) { s.SetSubject("bob") }, `200 "bob" 0`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(both(count, signIn("ann")))
			b.get()
			id := a.id(b.token())
			resp := b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
				want(t, "Revoke", a.Revoke(r.Context(), id), nil)
				_ = counter.Set(s, 2)
				tc.before(s)
				if err := s.Save(r.Context()); !errors.Is(err, sessions.ErrNotFound) {
					t.Errorf("Save: %v, want ErrNotFound", err)
				}
				want(t, "id", s.ID(), "")
				want(t, "subject", s.Subject(), "")
				want(t, "keys", s.Len(), 0)
				want(t, "Modified", s.Modified(), false)
				tc.after(s)
			})
			want(t, "status", resp.StatusCode, http.StatusOK)
			want(t, "the browser's token", a.see(b.token()), tc.token)
		})
	}
}

// TestR41_ChangeDuringASaveThatFitsNoMore: it is refused, and does not put
// aside what another request wrote.
func TestR41_ChangeDuringASaveThatFitsNoMore(t *testing.T) {
	a := newApp(t, sessions.Options{MaxBytes: 1000})
	b := a.browser(count)
	b.get()
	long := strings.Repeat("x", 600)
	reply := a.within(b, func(ctx context.Context, s *sessions.Session) {
		_ = s.Set("mine", 1)
		a.during("save", func() {
			a.overtake(b, func(s *sessions.Session) { _ = s.Set("theirs", long) })
			want(t, "Set", s.Set("late", long), nil)
		})
		want(t, "Save", s.Save(ctx), nil)
		if err := s.Save(ctx); !errors.Is(err, sessions.ErrTooLarge) {
			t.Errorf("Save again: %v, want ErrTooLarge", err)
		}
	})
	want(t, "reply", reply, "500 Internal Server Error")
	a.within(b, func(_ context.Context, s *sessions.Session) { wantKeys(t, "stored", s, "counter", "mine", "theirs") })
}

// TestSaveErrorIsThatOfTheWrite: what failed first is told, not that finding
// out about it failed too.
func TestSaveErrorIsThatOfTheWrite(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	a.within(b, func(ctx context.Context, s *sessions.Session) {
		_ = counter.Set(s, 2)
		a.store.Fault = func(int, string) faultstore.Fault { return faultstore.Before }
		if err := s.Save(ctx); !errors.Is(err, sessions.ErrUnavailable) || !strings.Contains(err.Error(), "save: ") {
			t.Errorf("Save: %v, want ErrUnavailable of the save", err)
		}
		a.store.Fault = nil
	})
	want(t, "counter", b.with(a, read).get(), "200 2")
}
