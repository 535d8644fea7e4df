package matrix_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"testing"

	"github.com/gosessions/sessions/internal/testing/matrix"
)

func TestServeMux(t *testing.T) {
	matrix.Run(t, matrix.Framework{Name: "net/http", Start: start})
}

// start serves an app of http.ServeMux.
func start(t *testing.T, s *matrix.Setup) string {
	return matrix.Serve(t, around(s, s.Layers, app(t, s)))
}

func app(t *testing.T, s *matrix.Setup) http.Handler {
	mux, group := http.NewServeMux(), http.NewServeMux()
	for path, h := range s.Handlers() {
		mux.Handle(path, h)
		group.Handle(path, h)
	}
	mux.Handle("/socket", matrix.Socket(t))
	mux.Handle("/group/", http.StripPrefix("/group", around(s, s.Group, group)))
	return mux
}

func around(s *matrix.Setup, layers []matrix.Layer, h http.Handler) http.Handler {
	for i := len(layers) - 1; i >= 0; i-- {
		switch layers[i] {
		case matrix.Recover:
			h = recoverer(h)
		case matrix.Compress:
			h = compress(h)
		case matrix.Timeout:
			h = http.TimeoutHandler(h, s.Timeout, "timeout")
		default:
			h = s.Middleware(layers[i])(h)
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
