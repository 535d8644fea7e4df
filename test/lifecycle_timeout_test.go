package test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// undead is a store that goes on returning what it should have forgotten.
type undead struct {
	*memstore.Store
	later time.Duration // how much later a record seems to expire

	mu      sync.Mutex
	records map[string]store.Record
}

func (u *undead) Create(ctx context.Context, r store.Record) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.records == nil {
		u.records = map[string]store.Record{}
	}
	r.Version = 1
	u.records[r.ID] = r
	return u.Store.Create(ctx, r)
}

func (u *undead) Load(_ context.Context, id string) (store.Record, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	r, ok := u.records[id]
	if !ok {
		return r, store.ErrNotFound
	}
	r.Expires = r.Expires.Add(u.later)
	return r, nil
}

func TestR22_RecordDecidesWhenASessionEnds(t *testing.T) {
	for name, later := range map[string]time.Duration{"the store keeps expired records": 0, "and says they are live": 1000 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newApp(t, sessions.Options{IdleTimeout: time.Hour, Lifetime: time.Hour})
				a.store.Store = &undead{Store: new(memstore.Store), later: later}
				b := a.browser(both(count, signIn("ann")))
				b.get()
				<-time.After(time.Hour - time.Millisecond)
				want(t, "just before the end", a.see(b.token()), `200 "ann" 1`)
				a.kinds()
				<-time.After(time.Millisecond)
				want(t, "at the end", a.see(b.token()), `200 "" 0`)
				want(t, "events", a.kinds(), "expired")
				<-time.After(1000 * time.Hour)
				want(t, "long after", a.see(b.token()), `200 "" 0`)
			})
		})
	}
}

func TestR22_IdleSessionEndsOnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		a.store.Store = &undead{Store: new(memstore.Store)}
		b := a.browser(both(count, signIn("ann")))
		b.get()
		<-time.After(time.Hour - time.Millisecond)
		_, err := a.Open(t.Context(), b.token())
		want(t, "just before the end", err, nil)
		<-time.After(time.Millisecond)
		want(t, "at the end", a.see(b.token()), `200 "" 0`)
	})
}

func TestR23_UseKeepsASessionAndSilenceEndsIt(t *testing.T) {
	for _, silence := range []time.Duration{time.Hour - time.Millisecond, time.Hour, time.Hour + time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(count)
			b.get()
			for range 12 {
				<-time.After(time.Hour - time.Millisecond)
				want(t, "polling", b.with(a, read).get(), "200 1")
			}
			<-time.After(silence)
			reply := "200 0"
			if silence < time.Hour {
				reply = "200 1"
			}
			want(t, "after a silence of "+silence.String(), b.with(a, read).get(), reply)
		})
	}
}

func TestR24_DefaultsAreAnHourAndADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		b.get()
		s, err := a.Open(t.Context(), b.token())
		if err != nil {
			t.Fatal(err)
		}
		began := s.Created()
		want(t, "idle", s.Expires().Sub(began), time.Hour)
		for range 47 {
			<-time.After(30 * time.Minute)
			b.with(a, read).get()
		}
		<-time.After(30*time.Minute - time.Millisecond)
		want(t, "just before a day", b.with(a, read).get(), "200 1")
		<-time.After(time.Millisecond)
		want(t, "after a day", b.with(a, read).get(), "200 0")
		want(t, "life", time.Since(began), 24*time.Hour)
	})
}

func TestR25_UseInTheSameMillisecondTouchesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{IdleTimeout: 9 * time.Millisecond})
		b.visit(a, count)
		a.store.Ops()
		b.visit(a, read)
		want(t, "store calls", a.store.Ops(), "load")
		<-time.After(time.Millisecond)
		b.visit(a, read)
		want(t, "store calls a millisecond later", a.store.Ops(), "load touch")
	})
}

func TestR25_TouchIsRareAndTouchesNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		b.get()
		id := a.id(b.token())
		before, _ := a.store.Store.Load(t.Context(), id)
		a.store.Ops()
		touched := 0
		for minute := 1; minute <= 120; minute++ {
			<-time.After(time.Minute)
			b.with(a, read).get()
			if ops := a.store.Ops(); ops == "load touch" {
				touched++
				want(t, "minutes at a touch", minute, touched*6)
			} else {
				want(t, "store calls", ops, "load")
			}
		}
		want(t, "touches in two hours", touched, 20)
		after, _ := a.store.Store.Load(t.Context(), id)
		want(t, "version", after.Version, before.Version)
		want(t, "data", string(after.Data), string(before.Data))
		want(t, "expiry", after.Expires, time.Now().Add(time.Hour))
	})
}

func TestR25_TouchStaysWithinTheLifetime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{IdleTimeout: time.Hour, Lifetime: 90 * time.Minute})
		b := a.browser(count)
		b.get()
		began := time.Now()
		id := a.id(b.token())
		for range 8 {
			<-time.After(10 * time.Minute)
			b.with(a, read).get()
			if r, _ := a.store.Store.Load(t.Context(), id); r.Expires.After(began.Add(90 * time.Minute)) {
				t.Fatalf("expires %v after it began", r.Expires.Sub(began))
			}
		}
		a.store.Ops()
		<-time.After(9 * time.Minute)
		want(t, "at the last minute", b.with(a, read).get(), "200 1")
		want(t, "store calls, with no life to gain", a.store.Ops(), "load")
	})
}

func TestR25_FailedTouchIsOnlyAnEvent(t *testing.T) {
	for _, fault := range []faultstore.Fault{faultstore.Before, faultstore.After} {
		synctest.Test(t, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(count)
			b.get()
			a.kinds()
			<-time.After(10 * time.Minute)
			a.store.Fault = failing("touch", fault)
			resp := b.visit(a, read)
			want(t, "reply", text(resp), "200 1")
			want(t, "Set-Cookie", cookieLine(resp), "")
			want(t, "events", a.kinds(), "unavailable")
		})
	}
}

func TestR26_OnlyASubjectStartsANewLifetime(t *testing.T) {
	for name, step := range map[string]struct {
		page handler
		life time.Duration
	}{
		"renewal":         {renewing, 10 * time.Hour},
		"write":           {count, 10 * time.Hour},
		"save":            {both(count, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) { _ = s.Save(r.Context()) }), 10 * time.Hour},
		"same subject":    {signIn("ann"), 16 * time.Hour},
		"another subject": {signIn("bob"), 16 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newApp(t, sessions.Options{IdleTimeout: 10 * time.Hour, Lifetime: 10 * time.Hour})
				b := a.browser(both(count, signIn("ann")))
				b.get()
				began := time.Now()
				<-time.After(6 * time.Hour)
				want(t, "status", b.visit(a, step.page).StatusCode, http.StatusOK)
				tok := b.token()
				<-time.After(time.Until(began.Add(step.life - time.Millisecond)))
				if got := a.see(tok); strings.HasPrefix(got, `200 "" `) {
					t.Errorf("ended too early: %s", got)
				}
				<-time.After(time.Millisecond)
				want(t, "at the end", a.see(tok), `200 "" 0`)
			})
		})
	}
}

// TestR25_StoreWithoutTouch: the library falls back to a write that others
// merge with.
func TestR25_StoreWithoutTouch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		a.store.Store = struct{ store.Store }{new(memstore.Store)}
		b := a.browser(count)
		b.get()
		for range 5 {
			<-time.After(50 * time.Minute)
			want(t, "polling", b.with(a, read).get(), "200 1")
		}
		want(t, "write", b.with(a, count).get(), "200 2")
	})
}

// TestR25_WriteAfterATouchThatMovedTheVersion: the store cannot touch, so the
// touch at the first byte is a write.
func TestR25_WriteAfterATouchThatMovedTheVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		a.store.Store = struct{ store.Store }{a.store.Store}
		b.visit(a, count)
		<-time.After(30 * time.Minute)
		b.visit(a, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			flush(t, w)
			_, _ = counter.Update(s, func(n int) int { return n + 1 })
		})
		want(t, "counter", b.with(a, read).get(), "200 2")
	})
}
