package sessions

import (
	"context"
	"log/slog"
	"net/http"
)

// Load returns the session of the request that ctx belongs to, as
// [Manager.Load] does. If several managers are chained, it is that of the
// innermost.
func Load(ctx context.Context) (*Session, error) {
	x := innermostOf(ctx)
	if x == nil {
		return nil, errOutside
	}
	return x.load(ctx)
}

// Load returns this manager's session of the request that ctx belongs to. The
// first call asks the store, later ones return the same session. It returns
// [ErrNoSession] if ctx comes from no such request, and [ErrUnavailable] if the
// store fails: never an empty session instead.
func (m *Manager) Load(ctx context.Context) (*Session, error) {
	x := exchangeOf(ctx, m)
	if x == nil {
		return nil, errOutside
	}
	return x.load(ctx)
}

// HandlerFunc returns a handler that needs the request's session: f gets it.
// If the session cannot be loaded, the manager's ErrorHandler answers.
func HandlerFunc(f func(http.ResponseWriter, *http.Request, *Session)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := Load(r.Context())
		if err != nil {
			fail(w, r, err)
			return
		}
		f(w, r, s)
	}
}

// HandlerFunc returns a handler that needs the value of the key: f gets the
// session with the value as Data, and what it changes is saved. If the session
// cannot be loaded or the value cannot be decoded, the manager's ErrorHandler
// answers.
func (k Key[T]) HandlerFunc(f func(http.ResponseWriter, *http.Request, *Typed[T])) http.HandlerFunc {
	return HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *Session) {
		t, err := k.Open(s)
		if err != nil {
			fail(w, r, err)
			return
		}
		f(w, r, t)
	})
}

// Error answers a request whose session is not available, as [HandlerFunc]
// does: with the manager's ErrorHandler, and with an event if err has had none.
// It is for handlers that call [Load].
func (m *Manager) Error(w http.ResponseWriter, r *http.Request, err error) {
	if x := exchangeOf(r.Context(), m); x != nil {
		x.fail(w, r, err)
		return
	}
	m.opts.ErrorHandler(w, r, err)
}

// fail lets the innermost manager answer.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	x := innermostOf(r.Context())
	if x == nil {
		slog.Default().ErrorContext(r.Context(), err.Error(), "path", r.URL.Path)
		DefaultErrorHandler(w, r, err)
		return
	}
	x.fail(w, r, err)
}
