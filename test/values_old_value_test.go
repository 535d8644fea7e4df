package test

import (
	"net/http"
	"testing"

	"github.com/gosessions/sessions"
)

// A worker opened the session when the counter was 1, a request has set it to
// 2, and the worker sets it to 1.
func TestSetOfTheOldValueIsSaved(t *testing.T) {
	for name, f := range map[string]func(s *sessions.Session){
		"alone":                func(*sessions.Session) {},
		"with another changed": func(s *sessions.Session) { _ = s.Set("x", 1) },
	} {
		t.Run(name, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			b.visit(a, count)
			worker, err := a.Open(t.Context(), b.token())
			want(t, "Open", err, nil)
			b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { _ = counter.Set(s, 2) })
			want(t, "Set", counter.Set(worker, 1), nil)
			f(worker)
			want(t, "Save", worker.Save(t.Context()), nil)
			want(t, "stored", b.with(a, read).get(), "200 1")
		})
	}
}
