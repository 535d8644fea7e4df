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

func TestR46_LostAnswerIsNotRepeated(t *testing.T) {
	for _, lost := range []struct {
		name  string
		setup sessions.HandlerFunc
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
	for name, page := range map[string]sessions.HandlerFunc{"write": count, "renewal": renewing, "login": signIn("bob"), "logout": signOut} {
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
		for name, page := range map[string]sessions.HandlerFunc{"read": read, "write": count, "logout": signOut, "login": signIn("bob")} {
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

func TestR38_SaveSurvivesTheClient(t *testing.T) {
	for _, setup := range []sessions.HandlerFunc{read, count} {
		a := newApp(t, sessions.Options{})
		b := a.browser(setup)
		b.get()
		ctx, cancel := context.WithCancel(context.Background())
		b.h = a.Handler(sessions.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			cancel()
			_ = counter.Set(s, 42)
		}))
		want(t, "reply", text(b.do(httptest.NewRequestWithContext(ctx, "POST", "/", nil))), "200 ")
		want(t, "counter", b.with(a, read).get(), "200 42")
		want(t, "events", a.kinds(), "created")
	}
}

// TestR38_TimedOutRequestSavesNothing: http.TimeoutHandler has answered 503.
func TestR38_TimedOutRequestSavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		b.get()
		old := b.token()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		b.h = a.Handler(both(func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			s.SetSubject("ann")
			<-r.Context().Done()
		}, count))
		resp := b.do(httptest.NewRequestWithContext(ctx, "POST", "/", nil))
		want(t, "Set-Cookie", cookieLine(resp), "")
		want(t, "the session", a.see(old), `200 "" 1`)
	})
}

func TestR37_PanicSavesNothing(t *testing.T) {
	for _, thrown := range []any{"oops", http.ErrAbortHandler, errors.New("e")} {
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		b.get()
		a.store.Ops()
		func() {
			defer func() { want(t, "panic", recover(), thrown) }()
			b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
				_ = counter.Set(s, 9)
				s.SetSubject("ann")
				panic(thrown)
			})
		}()
		want(t, "store calls", a.store.Ops(), "load")
		want(t, "the session", a.see(b.token()), `200 "" 1`)
	}
}

func TestR36_ServerErrorDropsChangesAndRenewal(t *testing.T) {
	for _, save := range []bool{false, true} {
		a := newApp(t, sessions.Options{SaveOnError: save})
		b := a.browser(count)
		b.get()
		old := b.token()
		resp := b.visit(a, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			_ = counter.Set(s, 9)
			s.SetSubject("ann")
			http.Error(w, "oops", http.StatusBadGateway)
		})
		want(t, "reply", text(resp), "502 oops")
		if save {
			want(t, "the session", a.see(b.token()), `200 "ann" 9`)
			continue
		}
		want(t, "Set-Cookie", cookieLine(resp), "")
		want(t, "the session", a.see(old), `200 "" 1`)
	}
}

// TestR34_ErrorPageIsOnlyThat: nothing of the handler's answer is sent.
func TestR34_ErrorPageIsOnlyThat(t *testing.T) {
	a := newApp(t, sessions.Options{ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
		if !errors.Is(err, sessions.ErrUnavailable) {
			t.Errorf("ErrorHandler got %v", err)
		}
		http.Error(w, "sorry", http.StatusTeapot)
	}})
	a.store.Fault = failing("create", faultstore.Before)
	resp := a.browser(count).visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		http.SetCookie(w, &http.Cookie{Name: "theirs", Value: "1"})
		w.Header().Set("X-Secret", "yes")
		_ = counter.Set(s, 1)
		_, _ = fmt.Fprint(w, strings.Repeat("SECRET", 10_000))
	})
	want(t, "reply", text(resp), "418 sorry")
	want(t, "headers", resp.Header.Get("X-Secret")+cookieLine(resp), "")
}

// TestR34_ErrorPageIsNotAborted: what a request could not save is told by the
// error page, and is no change made too late.
func TestR34_ErrorPageIsNotAborted(t *testing.T) {
	a := newApp(t, sessions.Options{AbortUnsaved: true})
	a.store.Fault = failing("create", faultstore.Before)
	wantDown(t, "reply", a.browser(count).visit(a, count))
	want(t, "events", a.kinds(), "unavailable")
}
