package dynamostore_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/dynamostore"
)

// manager returns a manager with long timeouts, because machines that test are busy.
func manager(t testing.TB, st *dynamostore.Store) *sessions.Manager {
	t.Helper()
	m, err := sessions.New(st, sessions.Options{
		Cookie: sessions.CookieOptions{InsecureHTTP: true}, LoadTimeout: time.Minute, SaveTimeout: time.Minute,
		OnEvent: func(context.Context, sessions.Event) {},
	})
	ok(t, err)
	return m
}

// begin makes a session, and returns its ID and token.
func begin(t testing.TB, m *sessions.Manager) (id, token string) {
	t.Helper()
	h := m.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		ok(t, s.SetSubject("ann"))
		ok(t, s.Save(r.Context()))
		id = s.ID()
	}))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/", nil))
	for _, c := range w.Result().Cookies() {
		token = c.Value
	}
	if id == "" || token == "" {
		t.Fatalf("no session: %d %s", w.Code, w.Body)
	}
	return id, token
}

// count adds one to the counter of a session.
func count(ctx context.Context, m *sessions.Manager, token string) error {
	s, err := m.Open(ctx, token)
	if err != nil {
		return err
	}
	if _, err := counter.Update(s, func(n int) int { return n + 1 }); err != nil {
		return err
	}
	return s.Save(ctx)
}
