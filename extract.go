package sessions

import (
	"context"
	"log/slog"
	"net/http"
)

// Load returns the session of the request that ctx belongs to; with several
// managers in the chain, that of the innermost. It is for frameworks with
// handlers of their own; errors are those of Manager.Load.
func Load(ctx context.Context) (*Session, error) {
	sc, _ := ctx.Value(innermost{}).(*scope)
	if sc == nil {
		return nil, errOutside
	}
	return sc.load(ctx)
}

// HandlerFunc is a handler that wants the request's session, and is an
// http.Handler. If the session cannot be loaded, the manager's ErrorHandler
// answers.
type HandlerFunc func(http.ResponseWriter, *http.Request, *Session)

// ServeHTTP loads the session and calls f.
func (f HandlerFunc) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s, err := Load(r.Context())
	if err != nil {
		fail(w, r, err)
		return
	}
	f(w, r, s)
}

// Handle returns a handler that wants the value of one key: f gets the
// session with the value as Data, and what it changes is saved. If the
// session cannot be loaded or the value cannot be decoded, the manager's
// ErrorHandler answers.
func Handle[T any](k Key[T], f func(http.ResponseWriter, *http.Request, *Typed[T])) http.Handler {
	return HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *Session) {
		t, err := k.Open(s)
		if err != nil {
			fail(w, r, err)
			return
		}
		f(w, r, t)
	})
}

// Error answers a request whose session cannot be had, as HandlerFunc does: by
// the manager's ErrorHandler, and with an event if err has had none. It is for
// handlers that call Load.
func (m *Manager) Error(w http.ResponseWriter, r *http.Request, err error) {
	if sc := scopeOf(r.Context(), m); sc != nil {
		sc.answer(w, r, err)
		return
	}
	m.opts.ErrorHandler(w, r, err)
}

// fail has the innermost manager answer.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	sc, _ := r.Context().Value(innermost{}).(*scope)
	if sc == nil {
		slog.Default().ErrorContext(r.Context(), err.Error(), "path", r.URL.Path)
		DefaultErrorHandler(w, r, err)
		return
	}
	sc.answer(w, r, err)
}
