package matrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// Handlers returns the handlers of all routes except /socket, by their paths
// (those of Setup.Pages, too), for frameworks on net/http.
func (s *Setup) Handlers() map[string]http.Handler {
	routes := map[string]func(http.ResponseWriter, *http.Request, int) error{
		"/redirect": func(w http.ResponseWriter, r *http.Request, _ int) error {
			http.Redirect(w, r, "/read", http.StatusSeeOther)
			return nil
		},
		"/json": func(w http.ResponseWriter, _ *http.Request, n int) error {
			w.Header().Set("Content-Type", "application/json")
			return json.NewEncoder(w).Encode(map[string]int{"visits": n})
		},
		"/file": func(w http.ResponseWriter, r *http.Request, _ int) error {
			http.ServeFile(w, r, s.File)
			return nil
		},
		"/stream": func(w http.ResponseWriter, r *http.Request, n int) error { return s.stream(w, r, "%d\n", n, Count) },
		"/events": func(w http.ResponseWriter, r *http.Request, n int) error {
			w.Header().Set("Content-Type", "text/event-stream")
			return s.stream(w, r, "data: %d\n\n", n, CountAndSave)
		},
	}
	handlers := make(map[string]http.Handler)
	for path, f := range routes {
		handlers[path] = s.handler(func(w http.ResponseWriter, r *http.Request) error {
			n, err := Count(r.Context())
			if err != nil {
				return err
			}
			return f(w, r, n)
		})
	}
	for path, end := range map[string]http.HandlerFunc{
		"/reject": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "rejected", http.StatusUnprocessableEntity)
		},
		"/fail":  func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "failed", http.StatusBadGateway) },
		"/panic": func(http.ResponseWriter, *http.Request) { panic("matrix: the handler panics") },
	} {
		handlers[path] = s.handler(func(w http.ResponseWriter, r *http.Request) error {
			if err := s.Act(r.Context()); err != nil {
				return err
			}
			end(w, r)
			return nil
		})
	}
	for _, p := range s.Pages {
		handlers[p.Path] = s.handler(func(w http.ResponseWriter, r *http.Request) error {
			text, err := p.Do(r.Context())
			if err != nil {
				return err
			}
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = fmt.Fprint(w, text) // the client may have gone
			return nil
		})
	}
	return handlers
}

// handler answers errors as the manager does. It leaves it to the layer Timeout
// to answer when the time is over.
func (s *Setup) handler(f func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := f(w, r); err != nil && !errors.Is(err, r.Context().Err()) {
			s.Manager.Error(w, r, err)
		}
	})
}

// stream sends a number, waits, and sends the next one.
func (s *Setup) stream(w http.ResponseWriter, r *http.Request, format string, n int, next func(context.Context) (int, error)) error {
	if err := send(w, format, n); err != nil {
		return err
	}
	s.Wait(r.Context())
	n, err := next(r.Context())
	if err != nil {
		return err
	}
	return send(w, format, n)
}

// send writes and flushes.
func send(w http.ResponseWriter, format string, n int) error {
	if _, err := fmt.Fprintf(w, format, n); err != nil {
		return err
	}
	return http.NewResponseController(w).Flush()
}

// Middleware returns the middleware of a layer of this library, for frameworks
// on net/http. The layers of the framework are nil.
func (s *Setup) Middleware(l Layer) func(http.Handler) http.Handler {
	switch l {
	case Sessions:
		return s.Manager.Handler
	case Second:
		return s.Second.Handler
	case Login:
		return s.Auth.Handler
	}
	return nil
}
