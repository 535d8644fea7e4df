// Package front serves HTTP requests by sessions.Exchange instead of
// Manager.Handler, so that tests play the same requests over both.
package front

import (
	"net/http"
	"net/http/httptest"

	"github.com/gosessions/sessions"
)

// Exchange returns a handler that calls next between Manager.BeginRequest and
// Exchange.Respond, as the middleware of a server that buffers its responses
// does: the response is complete before anything is saved.
func Exchange(m *sessions.Manager, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, x := m.BeginRequest(r)
		defer x.Discard()
		resp := httptest.NewRecorder()
		next.ServeHTTP(resp, r.WithContext(ctx))

		if err := x.Respond(ctx, resp.Code, w.Header()); err != nil {
			sessions.DefaultErrorHandler(w, r, err)
			return
		}
		for name, values := range resp.Header() {
			w.Header()[name] = append(w.Header()[name], values...)
		}
		w.WriteHeader(resp.Code)
		_, _ = w.Write(resp.Body.Bytes())
	})
}
