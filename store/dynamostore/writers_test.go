package dynamostore_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/dynamostore"
)

// manager returns one for a store, with time for a machine that is busy.
func manager(t testing.TB, st *dynamostore.Store) *sessions.Manager {
	t.Helper()
	m, err := sessions.New(st, sessions.Options{
		InsecureHTTP: true, LoadTimeout: time.Minute, SaveTimeout: time.Minute,
		OnEvent: func(context.Context, sessions.Event) {},
	})
	ok(t, err)
	return m
}

// begin makes a session, and returns its id and token.
func begin(t testing.TB, m *sessions.Manager) (id, token string) {
	t.Helper()
	h := m.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		s.SetSubject("ann")
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

// TestSixteenProcessesWriteOneSession: each has a client and a manager of its
// own, and several visitors at once. Every increment counts.
func TestSixteenProcessesWriteOneSession(t *testing.T) {
	const processes, visitors, each = 16, 4, 5
	ctx := t.Context()
	address := find(t)
	ready := migrated(t, client(t, address), dynamostore.Options{})
	first := manager(t, ready)
	_, token := begin(t, first)
	var all sync.WaitGroup
	for range processes {
		m := manager(t, open(t, client(t, address), dynamostore.Options{Table: *ready.Table().TableName}))
		for range visitors {
			all.Go(func() {
				for range each {
					if err := count(ctx, m, token); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
	s, err := first.Open(ctx, token)
	ok(t, err)
	if n, err := counter.Get(s); err != nil || n != processes*visitors*each {
		t.Errorf("counted %d, error %v; want %d", n, err, processes*visitors*each)
	}
}
