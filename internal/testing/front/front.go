// Package front serves HTTP requests by sessions.Exchange instead of
// Manager.Handler, so that tests play the same requests over both.
package front

import (
	"errors"
	"net/http"
	"net/http/httptest"

	"github.com/gosessions/sessions"
)

// cookie is the name of the default cookie.
const cookie = "__Host-id"

// Exchange returns a handler that calls next between Manager.Begin and
// Exchange.Commit, as an interceptor of an RPC framework does: the response is
// complete before anything is saved. A response of 500 or more is a failed call.
func Exchange(m *sessions.Manager, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := ""
		if c, err := r.Cookie(cookie); err == nil {
			token = c.Value
		}
		ctx, x := m.Begin(r.Context(), token)
		defer x.Discard()
		resp := httptest.NewRecorder()
		next.ServeHTTP(resp, r.WithContext(ctx))

		end := func() (sessions.Reply, error) { return x.Commit(ctx) }
		if resp.Code >= http.StatusInternalServerError {
			end = x.Discard
		}
		reply, err := end()
		// After an error a token may still be sent that an earlier Save has made.
		if err == nil || reply.Action() == sessions.Set && !errors.Is(err, sessions.ErrNotFound) {
			answer(w, reply)
		}
		if err != nil {
			sessions.DefaultErrorHandler(w, r, err)
			return
		}
		for name, values := range resp.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(resp.Code)
		_, _ = w.Write(resp.Body.Bytes())
	})
}

// answer tells the client about its token.
func answer(w http.ResponseWriter, reply sessions.Reply) {
	c := http.Cookie{Name: cookie, Value: reply.Token(), Path: "/", Secure: true, HttpOnly: true}
	switch reply.Action() {
	case sessions.Keep:
		return
	case sessions.Clear:
		c.MaxAge = -1
	}
	http.SetCookie(w, &c)
}
