package test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// A goroutine that outlives a test of this file would end it: its bubble
// waits for all.

func TestR61_HungStoreIsGivenUp(t *testing.T) {
	for _, step := range []struct {
		op   string
		page handler
		wait time.Duration
	}{
		{"load", read, 2 * time.Second},
		{"save", count, 5 * time.Second},
		{"save", renewing, 5 * time.Second},
		{"delete", signOut, 5 * time.Second},
	} {
		t.Run(step.op, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newApp(t, sessions.Options{})
				b := a.browser(count)
				b.get()
				a.store.Fault = failing(step.op, faultstore.Hang)
				var took time.Duration
				began := time.Now()
				b.h = a.Handler(sessions.HandlerFunc(step.page))
				resp := b.do(httptest.NewRequest("GET", "/", nil))
				took = time.Since(began)
				wantDown(t, "reply", resp)
				want(t, "time", took, step.wait)
				a.store.Fault = nil
				want(t, "afterwards", text(b.visit(a, count))[:3], "200")
			})
		})
	}
}

func TestR61_HungFirstWriteIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{SaveTimeout: 3 * time.Second})
		a.store.Fault = failing("create", faultstore.Hang)
		b := a.browser(count)
		began := time.Now()
		wantDown(t, "reply", b.visit(a, count))
		want(t, "time", time.Since(began), 3*time.Second)
	})
}

func TestR61_HungTouchCostsOneTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{SaveTimeout: time.Second})
		b := a.browser(count)
		b.get()
		<-time.After(10 * time.Minute)
		a.store.Fault = failing("touch", faultstore.Hang)
		began := time.Now()
		want(t, "reply", text(b.visit(a, read)), "200 1")
		want(t, "time", time.Since(began), time.Second)
	})
}

// TestR61_WholeStoreHangs: finding out what became of a write has the time of
// a load on top.
func TestR61_WholeStoreHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		b.get()
		began := time.Now()
		wantDown(t, "reply", b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
			a.store.Fault = func(int, string) faultstore.Fault { return faultstore.Hang }
			count(w, r, s)
		}))
		want(t, "time", time.Since(began), 7*time.Second)
	})
}

// TestR61_LoadEndsWithTheRequest: a client that has gone does not wait for a
// hung read.
func TestR61_LoadEndsWithTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		b.get()
		a.store.Fault = failing("load", faultstore.Hang)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		b.h = a.Handler(sessions.HandlerFunc(read))
		began := time.Now()
		wantDown(t, "reply", b.do(httptest.NewRequestWithContext(ctx, "GET", "/", nil)))
		want(t, "time", time.Since(began), time.Second)
		want(t, "events", a.kinds(), "created unavailable")
	})
}

func TestR61_ExplicitCallsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		b := a.browser(both(count, signIn("ann")))
		b.get()
		s, err := a.Open(t.Context(), b.token())
		if err != nil {
			t.Fatal(err)
		}
		a.store.Fault = func(int, string) faultstore.Fault { return faultstore.Hang }
		_ = counter.Set(s, 2)
		for _, call := range []struct {
			name string
			f    func() error
			most time.Duration
		}{
			{"Save", func() error { return s.Save(t.Context()) }, 7 * time.Second},
			{"Reload, which settles the save first", func() error { return s.Reload(t.Context()) }, 7 * time.Second},
			{"Claim", func() error { _, _, err := counter.Claim(t.Context(), s); return err }, 7 * time.Second},
			{"Open", func() error { _, err := a.Open(t.Context(), b.token()); return err }, 2 * time.Second},
			{"Revoke", func() error { return a.Revoke(t.Context(), s.ID()) }, 7 * time.Second},
			{"RevokeAll", func() error { return a.RevokeAll(t.Context(), "ann") }, 2 * time.Second},
			{"List", func() (err error) {
				for _, err = range a.List(t.Context(), "ann") {
				}
				return err
			}, 2 * time.Second},
		} {
			began := time.Now()
			if err := call.f(); !errors.Is(err, sessions.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v, want ErrUnavailable by a deadline", call.name, err)
			}
			if took := time.Since(began); took > call.most {
				t.Errorf("%s took %v, more than %v", call.name, took, call.most)
			}
		}
	})
}

func TestR61_LookingAtAListTakesNoTimeFromTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		for range 3 {
			a.browser(both(count, signIn("ann"))).get()
		}
		n := 0
		for _, err := range a.List(t.Context(), "ann") {
			want(t, "error", err, nil)
			<-time.After(time.Minute)
			n++
		}
		want(t, "sessions", n, 3)
	})
}

// TestR61_FailedTouchIsNotTriedAgain: a store that hangs costs a request that
// has nothing to save one timeout, however often it is saved.
func TestR61_FailedTouchIsNotTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		b.get()
		<-time.After(10 * time.Minute)
		a.store.Fault = failing("touch", faultstore.Before)
		a.store.Ops()
		b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			for range 2 {
				_ = counter.Set(s, 1) // as it is
				want(t, "Save", s.Save(r.Context()), nil)
			}
		})
		want(t, "store calls", a.store.Ops(), "load load load touch")
	})
}

// busy answers every save after a while that others were faster.
type busy struct{ *memstore.Store }

func (busy) Save(ctx context.Context, _ store.Record) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(300 * time.Millisecond):
		return store.ErrConflict
	}
}

func TestR61_SavingIsBoundedHoweverOftenItIsTried(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			b.visit(a, count)
			a.store.Store = busy{a.store.Store.(*memstore.Store)}
			began := time.Now()
			want(t, "status", b.visit(a, count).StatusCode, http.StatusServiceUnavailable)
			if took := time.Since(began); took > 5500*time.Millisecond {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestR61_LookingForADoubtfulSaveStaysWithinSaveTimeout: so do the pauses
// between the looks.
func TestR61_LookingForADoubtfulSaveStaysWithinSaveTimeout(t *testing.T) {
	const timeout = time.Second
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{SaveTimeout: timeout})
		b.visit(a, count)
		a.within(b, func(ctx context.Context, s *sessions.Session) {
			_ = s.Set("x", 1)
			a.store.Fault = func(int, string) faultstore.Fault { return faultstore.Before }
			began := time.Now()
			want(t, "Save is an error", s.Save(ctx) != nil, true)
			if took := time.Since(began); took > timeout {
				t.Errorf("took %v", took)
			}
			a.store.Fault = nil
		})
	})
}
