package test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/store/memstore"
)

func TestFailureOfAValueIsAnEvent(t *testing.T) {
	type unfit struct{ F func() }
	const (
		text = sessions.Key[string]("counter")
		fit  = sessions.Key[unfit]("unfit")
	)
	for name, test := range map[string]struct {
		page http.Handler
		is   error
	}{
		"a value of another type": {page: text.HandlerFunc(func(http.ResponseWriter, *http.Request, *sessions.Typed[string]) {})},
		"a value that cannot be encoded": {page: fit.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request, v *sessions.Typed[unfit]) {
			v.Data.F = func() {}
		})},
		"too much": {is: sessions.ErrTooLarge, page: sessions.Key[string]("s").HandlerFunc(func(_ http.ResponseWriter, _ *http.Request, v *sessions.Typed[string]) {
			v.Data = strings.Repeat("x", 1<<17)
		})},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{Undecodable: sessions.UndecodableError})
			b := a.browser(count)
			b.get()
			b.h = a.Handler(test.page)
			want(t, "reply", b.get(), "500 Internal Server Error")
			last := a.events[len(a.events)-1]
			want(t, "events", a.kinds(), "created failed")
			want(t, "id", last.ID, a.id(b.token()))
			var ce *sessions.CodecError
			if !errors.As(last.Err, &ce) && test.is == nil || test.is != nil && !errors.Is(last.Err, test.is) {
				t.Errorf("the event's error is %v", last.Err)
			}
		})
	}
}

func TestForgottenMiddlewareIsLogged(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	w := httptest.NewRecorder()
	sessions.HandlerFunc(count).ServeHTTP(w, httptest.NewRequest("GET", "/cart", nil))
	want(t, "status", w.Code, http.StatusInternalServerError)
	for _, part := range []string{"did not pass Manager.Handler", "/cart"} {
		if !strings.Contains(log.String(), part) {
			t.Errorf("the log lacks %q: %s", part, log.String())
		}
	}
	if _, err := sessions.Load(context.Background()); !errors.Is(err, sessions.ErrNoSession) || !strings.Contains(err.Error(), "Manager.Handler") {
		t.Errorf("Load: %v", err)
	}
}

// logged sends slog's default to a buffer while f runs.
func logged(f func()) string {
	var buf bytes.Buffer
	before := slog.Default()
	defer slog.SetDefault(before)
	slog.SetDefault(slog.New(slog.NewJSONHandler(&buf, &slog.HandlerOptions{Level: slog.LevelDebug})))
	f()
	return buf.String()
}

func TestEvents_ProblemsAreLoggedWhereNobodyListens(t *testing.T) {
	st := &faultstore.Store{Store: new(memstore.Store)}
	m, err := sessions.New(st, sessions.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a := &app{Manager: m, t: t, store: st}
	b := a.browser(count)
	want(t, "log of what is no problem", logged(func() {
		b.get()
		b.visit(a, signIn("ann"))
		a.see("nonsense")
		b.visit(a, signOut)
		b.visit(a, signIn("ann"))
	}), "")
	id := a.id(b.token())
	log := logged(func() {
		st.Fault = failing("load", faultstore.Before)
		b.visit(a, read)
		st.Fault = nil
	})
	want(t, "lines", strings.Count(log, "\n"), 1)
	for _, part := range []string{`"level":"WARN"`, `"kind":"unavailable"`, `"id":"` + id + `"`, "faultstore: down"} {
		if !strings.Contains(log, part) {
			t.Errorf("the log lacks %s: %s", part, log)
		}
	}
	log = logged(func() {
		st.Fault = failing("save", faultstore.Before)
		b.visit(a, count)
		st.Fault = nil
	})
	if !strings.Contains(log, `"kind":"unavailable"`) {
		t.Errorf("the log lacks the failed save: %q", log)
	}
	spoil(t, a, id)
	if log := logged(func() { b.visit(a, read) }); !strings.Contains(log, `"kind":"corrupt"`) {
		t.Errorf("the log lacks the corrupt record: %q", log)
	}
}

// TestR65_ErrorOfAForgottenMiddlewareIsAnEvent: a handler that calls Load and
// Manager.Error shows the developer what is missing, too.
func TestR65_ErrorOfAForgottenMiddlewareIsAnEvent(t *testing.T) {
	a := newApp(t, sessions.Options{})
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/cart", nil)
	_, err := sessions.Load(r.Context())
	a.Error(w, r, err)
	want(t, "status", w.Code, http.StatusInternalServerError)
	events := a.events
	want(t, "events", a.kinds(), "failed")
	if len(events) == 0 {
		return
	}
	if err := events[0].Err; !errors.Is(err, sessions.ErrNoSession) || !strings.Contains(err.Error(), "Manager.Handler") {
		t.Errorf("the event's error is %v", err)
	}
}

// TestR65_EveryPageThatFailsHasAnEvent: also if its handler works with sessions
// other than its own, and answers with Manager.Error.
func TestR65_EveryPageThatFailsHasAnEvent(t *testing.T) {
	for name, call := range map[string]func(ctx context.Context, a *app, token, id string) error{
		"Find":      func(ctx context.Context, a *app, _, id string) error { _, err := a.Find(ctx, id); return err },
		"Open":      func(ctx context.Context, a *app, token, _ string) error { _, err := a.Open(ctx, token); return err },
		"Revoke":    func(ctx context.Context, a *app, _, id string) error { return a.Revoke(ctx, id) },
		"RevokeAll": func(ctx context.Context, a *app, _, _ string) error { return a.RevokeAll(ctx, "ann") },
		"List": func(ctx context.Context, a *app, _, _ string) (err error) {
			for _, err = range a.List(ctx, "ann") {
			}
			return err
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(count)
			b.get()
			token, id := b.token(), a.id(b.token())
			a.kinds()
			a.store.Fault = func(int, string) faultstore.Fault { return faultstore.Before }
			w := httptest.NewRecorder()
			a.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				a.Error(w, r, call(r.Context(), a, token, id))
			})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			want(t, "status of "+name, w.Code, http.StatusServiceUnavailable)
			want(t, "events of "+name, a.kinds(), "unavailable")

			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_ = call(ctx, a, token, id)
			if name != "Revoke" { // which the caller's cancellation does not stop
				want(t, "events of "+name+" for a client that went away", a.kinds(), "")
			}
		})
	}
}
