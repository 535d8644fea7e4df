package e2e_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

// TestWebSocket counts messages in a session over a WebSocket: the new
// session's cookie comes with the upgrade, each count is saved at once, and
// after a revocation the next save says so.
func TestWebSocket(t *testing.T) {
	m, err := sessions.New(new(memstore.Store), sessions.Options{Cookie: sessions.CookieOptions{InsecureHTTP: true}})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	server := httptest.NewServer(m.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		if _, err := register.Update(s, func(n int) int { return n + 1 }); err != nil {
			t.Error(err)
		}
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.CloseNow() }()
		ctx := context.Background()
		for {
			if _, _, err := conn.Read(ctx); err != nil {
				return
			}
			n, err := register.Update(s, func(n int) int { return n + 1 })
			if err == nil {
				err = s.Save(ctx)
			}
			if err != nil {
				ended <- err
				_ = conn.Close(websocket.StatusPolicyViolation, "session ended")
				return
			}
			if err := wsjson.Write(ctx, conn, n); err != nil {
				t.Error(err)
			}
		}
	})))
	defer server.Close()

	ctx := t.Context()
	conn, resp, err := websocket.Dial(ctx, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	if len(resp.Cookies()) != 1 {
		t.Fatalf("the upgrade carries %d cookies, want 1", len(resp.Cookies()))
	}
	exchange := func() (n int, err error) {
		if err := wsjson.Write(ctx, conn, "more"); err != nil {
			return 0, err
		}
		return n, wsjson.Read(ctx, conn, &n)
	}
	for _, n := range []int{2, 3} {
		got, err := exchange()
		if got != n || err != nil {
			t.Errorf("got %d, %v; want %d", got, err, n)
		}
	}
	s, err := m.Open(ctx, resp.Cookies()[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	n, _ := register.Get(s)
	want(t, "stored", n, 3)

	if err := m.Revoke(ctx, s.ID()); err != nil {
		t.Error(err)
	}
	if _, err := exchange(); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("after the revocation: %v, want the connection closed", err)
	}
	if err := <-ended; !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("Save after the revocation: %v, want ErrNotFound", err)
	}
}
