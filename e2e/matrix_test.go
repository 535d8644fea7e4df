package e2e_test

import (
	"context"
	"net/http"
	"strconv"
	"testing"

	"github.com/coder/websocket"
	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"
	"github.com/gorilla/mux"

	"github.com/gosessions/sessions/internal/testing/matrix"
)

func TestChi(t *testing.T) {
	matrix.Run(t, matrix.Framework{Name: "chi 5.5", Start: func(t *testing.T, s *matrix.Setup) string {
		use := func(r chi.Router, layers []matrix.Layer) {
			r.Use(stack(s, layers, chimiddleware.Timeout(s.Timeout))...)
			for path, h := range handlers(s) {
				r.Handle(path, h)
			}
		}
		r := chi.NewRouter()
		use(r, s.Layers)
		r.Route("/group", func(r chi.Router) { use(r, s.Group) })
		return matrix.Serve(t, r)
	}})
}

// TestGorillaMux: gorilla/mux has no middleware, and here gets that of others.
func TestGorillaMux(t *testing.T) {
	matrix.Run(t, matrix.Framework{Name: "gorilla/mux 1.8", Start: func(t *testing.T, s *matrix.Setup) string {
		use := func(r *mux.Router, layers []matrix.Layer) {
			for _, m := range stack(s, layers, func(next http.Handler) http.Handler {
				return http.TimeoutHandler(next, s.Timeout, "timeout")
			}) {
				r.Use(m)
			}
			for path, h := range handlers(s) {
				r.Handle(path, h)
			}
		}
		r := mux.NewRouter()
		use(r, s.Layers)
		use(r.PathPrefix("/group").Subrouter(), s.Group)
		return matrix.Serve(t, r)
	}})
}

// stack returns the middleware of layers.
func stack(s *matrix.Setup, layers []matrix.Layer, timeout func(http.Handler) http.Handler) []func(http.Handler) http.Handler {
	var all []func(http.Handler) http.Handler
	for _, layer := range layers {
		m := s.Middleware(layer)
		switch layer {
		case matrix.Recover:
			m = chimiddleware.Recoverer
		case matrix.Compress:
			m = chimiddleware.Compress(5)
		case matrix.Timeout:
			m = timeout
		}
		all = append(all, m)
	}
	return all
}

// handlers returns the handlers of all routes.
func handlers(s *matrix.Setup) map[string]http.Handler {
	all := s.Handlers()
	all["/socket"] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := matrix.Count(r.Context()); err != nil {
			s.Manager.Error(w, r, err)
			return
		}
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return // it has answered
		}
		defer func() { _ = conn.CloseNow() }()
		ctx := context.WithoutCancel(r.Context())
		for {
			if _, _, err := conn.Read(ctx); err != nil {
				return // the client has closed the connection
			}
			n, err := matrix.CountAndSave(ctx)
			if err != nil {
				return
			}
			if err := conn.Write(ctx, websocket.MessageText, []byte(strconv.Itoa(n))); err != nil {
				return
			}
		}
	})
	return all
}
