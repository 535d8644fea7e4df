package sessions_test

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

// TestR46_LostAnswerAndARenewal: how many writes came since cannot be told, so
// the write is not tried again.
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
		if err := s.Save(ctx); !errors.Is(err, sessions.ErrUnavailable) {
			t.Errorf("Save: %v, want ErrUnavailable", err)
		}
		want(t, "the renewed session", a.see(other.token()), `200 "ann" 1`)
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

// TestR36_WhatAServerErrorDropsIsSeenNoMore: the handler that goes on sees what
// is stored.
func TestR36_WhatAServerErrorDropsIsSeenNoMore(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = counter.Set(s, 9)
		s.SetSubject("ann")
		w.WriteHeader(http.StatusInternalServerError)
		n, err := counter.Get(s)
		want(t, "counter", n, 1)
		want(t, "error", err, nil)
		want(t, "subject", s.Subject(), "")
		want(t, "Modified", s.Modified(), false)
		_ = counter.Set(s, 8)
	})
	want(t, "stored, also after a change that came later", a.see(b.token()), `200 "" 1`)
}

// TestR53_RefusedChangeIsNotMadeAgain: it does not come back where the others
// are made on a newer record.
func TestR53_RefusedChangeIsNotMadeAgain(t *testing.T) {
	a := newApp(t, sessions.Options{MaxBytes: 1000})
	b := a.browser(count)
	b.get()
	reply := a.within(b, func(_ context.Context, s *sessions.Session) {
		if err := s.Set("large", strings.Repeat("x", 2000)); !errors.Is(err, sessions.ErrTooLarge) {
			t.Errorf("Set: %v, want ErrTooLarge", err)
		}
		_ = counter.Set(s, 5)
		a.overtake(b, func(s *sessions.Session) { _ = s.Set("theirs", 1) })
	})
	want(t, "reply", reply, "200 ")
	a.within(b, func(_ context.Context, s *sessions.Session) { wantKeys(t, "stored", s, "counter", "theirs") })
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

// TestR14_LostAnswerAndARenewal: a write that arrived before another request
// renewed the session has not ended it.
func TestR14_LostAnswerAndARenewal(t *testing.T) {
	for name, tc := range map[string]struct {
		page          sessions.HandlerFunc
		after, events string
	}{
		"renewal": {renewing, `200 "ann" 2`, "renewed"},
		"login":   {signIn("bob"), `200 "bob" 2`, "renewed gone"},
		"logout":  {signOut, `200 "" 0`, "destroyed gone"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(both(count, signIn("ann")))
			b.get()
			other := b.with(a, read)
			resp := b.visit(a, meanwhile(func() {
				a.kinds()
				a.store.Fault = failing("save", faultstore.After)
				a.during("load", func() {
					a.store.Fault = nil
					want(t, name, other.visit(a, tc.page).StatusCode, http.StatusOK)
				})
			}, count))
			want(t, "reply", text(resp), "200 2")
			want(t, "Set-Cookie", cookieLine(resp), "")
			want(t, "events", a.kinds(), tc.events)
			want(t, "the other's session", a.see(other.token()), tc.after)
		})
	}
}

// TestR53_SessionThatIsTooLargeMayShrink: a limit that was lowered leaves the
// sessions that are over it.
func TestR53_SessionThatIsTooLargeMayShrink(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) { _ = s.Set("k", strings.Repeat("x", 3000)) })
	lower := a.as(sessions.Options{MaxBytes: 1000})
	lower.within(b, func(_ context.Context, s *sessions.Session) {
		want(t, "a smaller value, still too large", s.Set("k", strings.Repeat("x", 2000)), nil)
		for what, err := range map[string]error{
			"a larger value": s.Set("k", strings.Repeat("x", 2001)),
			"another key":    counter.Set(s, 1),
		} {
			if !errors.Is(err, sessions.ErrTooLarge) {
				t.Errorf("%s: %v, want ErrTooLarge", what, err)
			}
		}
	})
	lower.within(b, func(_ context.Context, s *sessions.Session) {
		v, _ := sessions.Key[string]("k").Get(s)
		want(t, "length", len(v), 2000)
	})
}

func TestR53_DefaultLimitIs64KiB(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		want(t, "less", s.Set("k", strings.Repeat("x", 64<<10-100)), nil)
		if err := s.Set("k", strings.Repeat("x", 64<<10)); !errors.Is(err, sessions.ErrTooLarge) {
			t.Errorf("more: %v, want ErrTooLarge", err)
		}
	})
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
