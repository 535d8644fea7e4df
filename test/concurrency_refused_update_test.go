package test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/gosessions/sessions"
)

// The function of an Update accepts the session's record and refuses the newer
// one that another request has saved in the meantime.

// TestTryUpdate_RefusalOfASaveCanBeAnswered: the handler learns of the refusal from
// Save, and its own page is the response.
func TestTryUpdate_RefusalOfASaveCanBeAnswered(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_, err := counter.TryUpdate(s, func(n int) (int, error) {
			if n < 1 {
				return 0, errors.New("sold out")
			}
			return n - 1, nil
		})
		want(t, "TryUpdate", err, nil)
		a.overtake(b, func(o *sessions.Session) { _ = counter.Set(o, 0) })
		if err := s.Save(r.Context()); err != nil {
			w.WriteHeader(http.StatusGone)
			_, _ = fmt.Fprintf(w, "sorry: %v", err)
		}
	})
	want(t, "reply", text(resp), "410 sorry: sold out")
}

// TestTryUpdate_ErrRefusedIsNotThatOfNewSessions: a refusal that wraps ErrRefused
// is the handler's to answer, and says nothing about new sessions.
func TestTryUpdate_ErrRefusedIsNotThatOfNewSessions(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	a.kinds()
	resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_, err := counter.TryUpdate(s, func(n int) (int, error) {
			if n < 1 {
				return 0, fmt.Errorf("sold out: %w", sessions.ErrRefused)
			}
			return n - 1, nil
		})
		want(t, "TryUpdate", err, nil)
		a.overtake(b, func(o *sessions.Session) { _ = counter.Set(o, 0) })
		want(t, "Save is the refusal", errors.Is(s.Save(r.Context()), sessions.ErrRefused), true)
		w.WriteHeader(http.StatusGone)
	})
	want(t, "status", resp.StatusCode, 410)
	want(t, "events", a.kinds(), "")
}

// TestTryUpdate_ErrNotFoundIsNotThatOfTheStore: a refusal that wraps
// ErrNotFound does not mean that the session has ended.
func TestTryUpdate_ErrNotFoundIsNotThatOfTheStore(t *testing.T) {
	for name, page := range map[string]handler{
		"a write": func(http.ResponseWriter, *http.Request, *sessions.Session) {},
		"a login": signIn("ann"),
	} {
		t.Run(name, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			b.visit(a, count)
			resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
				_ = s.Set("x", 1)
				_, err := counter.TryUpdate(s, func(n int) (int, error) {
					if n > 1 {
						return 0, fmt.Errorf("the order's %w", sessions.ErrNotFound)
					}
					return n + 1, nil
				})
				want(t, "TryUpdate", err, nil)
				a.overtake(b, func(o *sessions.Session) { _ = counter.Set(o, 9) })
				page(w, r, s)
			})
			if resp.StatusCode == http.StatusOK {
				t.Errorf("status 200, though the refusal drops the changes; events %q", a.kinds())
			}
			want(t, "records", a.kept(), 1)
			want(t, "the session", b.with(a, read).get(), "200 9")
		})
	}
}
