package test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/store/memstore"
)

// heap returns how many bytes are in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestR88_UnsavedChangesAreBoundedByTheirKeys and not by their number.
func TestR88_UnsavedChangesAreBoundedByTheirKeys(t *testing.T) {
	const changes = 200_000
	for name, keys := range map[string][]sessions.Key[int]{"one key": {"a"}, "two keys in turn": {"a", "b"}} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(count)
			b.get()
			a.within(b, func(_ context.Context, s *sessions.Session) {
				before := heap()
				for i := range changes {
					if err := keys[i%len(keys)].Set(s, i); err != nil {
						t.Fatal(err)
					}
				}
				if grown := heap() - before; grown > 1<<20 {
					t.Errorf("%d changes need %d bytes", changes, grown)
				}
			})
			a.within(b, func(_ context.Context, s *sessions.Session) {
				for i, key := range keys {
					n, err := key.Get(s)
					want(t, "Get", err, nil)
					want(t, "last value of "+string(key), n, changes-len(keys)+i)
				}
				n, _ := counter.Get(s)
				want(t, "the value before", n, 1)
			})
		})
	}
}

// wantPlain checks that an error matches another, and that its text has the
// package's name once, at the front.
func wantPlain(t *testing.T, what string, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("%s: %v, want %v", what, err, target)
		return
	}
	text := err.Error()
	if strings.Count(text, "sessions:") != 1 || !strings.HasPrefix(text, "sessions: ") || strings.Contains(strings.ReplaceAll(text, "faultstore: ", ""), "store: ") {
		t.Errorf("%s: the text is %q", what, text)
	}
}

// TestR89_ErrorsNameSizeLimitAndKey, and the package's name once.
func TestR89_ErrorsNameSizeLimitAndKey(t *testing.T) {
	for _, err := range []error{
		sessions.ErrNoSession, sessions.ErrNotFound, sessions.ErrConflict, sessions.ErrCorrupt,
		sessions.ErrTooLarge, sessions.ErrUnavailable, sessions.ErrHeadersSent,
	} {
		wantPlain(t, "exported error", err, err)
	}
	t.Run("ErrTooLarge", func(t *testing.T) {
		a, b := fresh(t, sessions.Options{MaxBytes: 1000})
		a.within(b, func(_ context.Context, s *sessions.Session) {
			_ = s.Set("k", "")
			err := s.Set("cart", strings.Repeat("x", 1198)) // 1200 with its quotes
			wantPlain(t, "Set", err, sessions.ErrTooLarge)
			for _, part := range []string{"1225 bytes", "1000", `"cart"`, "1200"} { // 12 for k, 13 for cart
				want(t, err.Error()+": names "+part, strings.Contains(err.Error(), part), true)
			}
		})
	})
	t.Run("ErrNotFound and ErrHeadersSent", func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		tok := a.login("ann")
		_, err := a.Open(t.Context(), "nonsense")
		wantPlain(t, "Open of a malformed token", err, sessions.ErrNotFound)
		_, err = a.Open(t.Context(), spoiled(tok))
		wantPlain(t, "Open of a wrong token", err, sessions.ErrNotFound)
		s, err := a.Open(t.Context(), tok)
		want(t, "Open", err, nil)
		wantPlain(t, "Renew", s.Renew(), sessions.ErrHeadersSent)
		wantPlain(t, "SetSubject", s.SetSubject("bob"), sessions.ErrHeadersSent)
		s, _ = a.Open(t.Context(), tok)
		_ = counter.Set(s, 1)
		want(t, "Revoke", a.Revoke(t.Context(), s.ID()), nil)
		wantPlain(t, "Save", s.Save(t.Context()), sessions.ErrNotFound)
		_, err = a.Open(t.Context(), tok)
		wantPlain(t, "Open of a session that has ended", err, sessions.ErrNotFound)
		_, err = a.Find(t.Context(), "01ARZ3NDEKTSV4RRFFQ69G5FAV")
		wantPlain(t, "Find", err, sessions.ErrNotFound)
		wantPlain(t, "Revoke", a.Revoke(t.Context(), "01ARZ3NDEKTSV4RRFFQ69G5FAV"), sessions.ErrNotFound)
		_, err = sessions.Load(t.Context())
		wantPlain(t, "Load", err, sessions.ErrNoSession)
	})
	t.Run("ErrConflict", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a := newApp(t, sessions.Options{SaveTimeout: time.Second})
			mem := new(memstore.Store)
			a.store.Store = mem
			tok := a.login("ann")
			a.store.Store = &contested{Store: mem, id: a.id(tok)}
			s, err := a.Open(t.Context(), tok)
			want(t, "Open", err, nil)
			_ = counter.Set(s, 5)
			wantPlain(t, "Save", s.Save(t.Context()), sessions.ErrConflict)
		})
	})
	t.Run("ErrUnavailable", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			tok := a.login("ann")
			s, err := a.Open(t.Context(), tok)
			want(t, "Open", err, nil)
			_ = counter.Set(s, 5)
			for _, fault := range []faultstore.Fault{faultstore.Before, faultstore.Hang} {
				a.store.Fault = func(int, string) faultstore.Fault { return fault }
				wantPlain(t, "Save", s.Save(t.Context()), sessions.ErrUnavailable)
				_, err = a.Open(t.Context(), tok)
				wantPlain(t, "Open", err, sessions.ErrUnavailable)
				wantPlain(t, "Revoke", a.Revoke(t.Context(), s.ID()), sessions.ErrUnavailable)
				wantPlain(t, "a login", a.visitErr(signIn("bob")), sessions.ErrUnavailable)
			}
		})
	})
}

// visitErr returns the error that a new visitor's request is answered with.
func (a *app) visitErr(page handler) (failure error) {
	other := a.as(sessions.Options{ErrorHandler: func(_ http.ResponseWriter, _ *http.Request, err error) { failure = err }})
	other.browser(page).get()
	return failure
}
