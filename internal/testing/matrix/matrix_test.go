package matrix

import (
	"compress/gzip"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/gosessions/sessions"
)

func TestServeMux(t *testing.T) {
	Run(t, Framework{Name: "net/http", Start: start})
}

// start serves an app of [http.ServeMux].
func start(t *testing.T, s *Setup) string { return Serve(t, app(s, (*sessions.Manager).Handler)) }

// middleware is sessions.Manager.Handler, or what a mutant has instead.
type middleware = func(*sessions.Manager, http.Handler) http.Handler

func app(s *Setup, m middleware) http.Handler {
	mux, group := http.NewServeMux(), http.NewServeMux()
	for path, h := range s.Handlers() {
		mux.Handle(path, h)
		group.Handle(path, h)
	}
	mux.Handle("/socket", s.handler(serveSocket))
	mux.Handle("/group/", http.StripPrefix("/group", around(s, s.Group, m, group)))
	return around(s, s.Layers, m, mux)
}

func around(s *Setup, layers []Layer, m middleware, h http.Handler) http.Handler {
	for _, layer := range slices.Backward(layers) {
		switch layer {
		case Sessions:
			h = m(s.Manager, h)
		case Second:
			h = m(s.Second, h)
		case Login:
			h = m(s.Manager, s.Auth.Handler(h))
		case Recover:
			h = recoverer(h)
		case Compress:
			h = compress(h)
		case Timeout:
			h = http.TimeoutHandler(h, s.Timeout, "timeout")
		}
	}
	return h
}

func recoverer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				http.Error(w, "recovered", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func compress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Add("Vary", "Accept-Encoding")
		z := gzip.NewWriter(w)
		defer func() { _ = z.Close() }()
		next.ServeHTTP(zipped{w, z}, r)
	})
}

type zipped struct {
	http.ResponseWriter
	io.Writer
}

func (z zipped) Write(p []byte) (int, error) { return z.Writer.Write(p) }
