package test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

func TestR46_LostAnswerIsNotRepeated(t *testing.T) {
	for _, lost := range []struct {
		name  string
		setup handler
		ops   string
	}{
		{"save", count, "load save load"},
		{"create", read, "create load"},
	} {
		t.Run(lost.name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(lost.setup)
			reply := "200 1"
			if b.get() == reply {
				reply = "200 2"
			}
			a.store.Ops()
			a.kinds()
			a.store.Fault = failing(lost.name, faultstore.After)
			want(t, "reply", text(b.visit(a, count)), reply)
			want(t, "store calls", a.store.Ops(), lost.ops)
			a.store.Fault = nil
			want(t, "counter", b.with(a, read).get(), reply)
			if got := a.kinds(); got != "" && got != "created" {
				t.Errorf("events %q", got)
			}
		})
	}
}

func TestR46_SaveThatDidNotArriveIsTriedOnceMore(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	failures := 0
	a.store.Fault = func(_ int, op string) faultstore.Fault {
		if op == "save" && failures > 0 {
			failures--
			return faultstore.Before
		}
		return faultstore.None
	}
	failures = 1
	want(t, "one failure", b.get(), "200 2")
	failures = 2
	wantDown(t, "two failures", b.visit(a, count))
	want(t, "counter", b.with(a, read).get(), "200 2")
	want(t, "events", a.kinds(), "created unavailable")
}

// contested is a store in which others are always faster with one record.
type contested struct {
	*memstore.Store
	id    string
	saves int
}

func (c *contested) Save(ctx context.Context, r store.Record) error {
	if r.ID != c.id {
		return c.Store.Save(ctx, r)
	}
	c.saves++
	return store.ErrConflict
}

func (c *contested) Load(ctx context.Context, id string) (store.Record, error) {
	r, err := c.Store.Load(ctx, id)
	if id == c.id {
		r.Version += uint64(c.saves)
	}
	return r, err
}

func TestR45_ConflictsEndWithSaveTimeout(t *testing.T) {
	for name, page := range map[string]handler{"write": count, "renewal": renewing, "login": signIn("bob")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newApp(t, sessions.Options{})
				mem := new(memstore.Store)
				a.store.Store = mem
				b := a.browser(both(count, signIn("ann")))
				b.get()
				old := b.token()
				a.kinds()
				st := &contested{Store: mem, id: a.id(old)}
				a.store.Store = st
				began := time.Now()
				wantDown(t, "reply", b.visit(a, page))
				took := time.Since(began)
				if took < 5*time.Second || took > 5*time.Second+100*time.Millisecond {
					t.Errorf("gave up after %v, want 5s", took)
				}
				if st.saves < 100 {
					t.Errorf("%d tries in 5s", st.saves)
				}
				want(t, "events", a.kinds(), "conflict")
				a.store.Store = mem
				want(t, "the session", a.see(old), `200 "ann" 1`)
				want(t, "records", a.kept(), 1)
			})
		})
	}
}

func TestR45_SaveReturnsErrConflict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{SaveTimeout: time.Second})
		mem := new(memstore.Store)
		a.store.Store = mem
		b := a.browser(count)
		b.get()
		a.store.Store = &contested{Store: mem, id: a.id(b.token())}
		s, err := a.Open(t.Context(), b.token())
		if err != nil {
			t.Fatal(err)
		}
		_ = counter.Set(s, 5)
		began := time.Now()
		if err := s.Save(t.Context()); !errors.Is(err, sessions.ErrConflict) {
			t.Errorf("Save: %v, want ErrConflict", err)
		}
		if took := time.Since(began); took < time.Second || took > 1100*time.Millisecond {
			t.Errorf("gave up after %v, want 1s", took)
		}
		a.store.Store = mem
		want(t, "Save, once others are done", s.Save(t.Context()), nil)
		want(t, "counter", b.with(a, read).get(), "200 5")
	})
}

func TestR58_StoreDownAtLoadFailsClosed(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(both(count, signIn("ann")))
	b.get()
	tok := b.token()
	a.kinds()
	for _, fault := range []faultstore.Fault{faultstore.Before, faultstore.After} {
		a.store.Fault = failing("load", fault)
		for name, page := range map[string]handler{"read": read, "write": count, "logout": signOut, "login": signIn("bob")} {
			resp := b.visit(a, page)
			wantDown(t, name, resp)
			want(t, name+": Vary", resp.Header.Get("Vary"), "Cookie")
			want(t, name+": events", a.kinds(), "unavailable")
		}
		b.h = a.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s, err := sessions.Load(r.Context())
			if s != nil || !errors.Is(err, sessions.ErrUnavailable) || !errors.Is(err, faultstore.ErrDown) {
				t.Errorf("Load: %v, %v, want ErrUnavailable and why", s, err)
			}
			_, _ = fmt.Fprint(w, "degraded")
		}))
		want(t, "a page that copes", b.get(), "200 degraded")
		b.h = a.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "public") }))
		want(t, "a page that does not ask", b.get(), "200 public")
		want(t, "their events", a.kinds(), "unavailable")
		want(t, "a visitor without a cookie", a.see(""), `200 "" 0`)
	}
	a.store.Fault = nil
	want(t, "the browser's token", b.token(), tok)
	want(t, "the session afterwards", a.see(tok), `200 "ann" 1`)
}
