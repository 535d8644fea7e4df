package surrealstore_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	surrealdb "github.com/surrealdb/surrealdb.go"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store/surrealstore"
)

// TestAnswersThatAreNone do no harm to the process, and those who wait are told.
func TestAnswersThatAreNone(t *testing.T) {
	const endless = "\xa1\x66result\x5b\x7f\xff\xff\xff\xff\xff\xff\xff" // bytes, 2^63-1 of them
	for name, c := range map[string]struct {
		kind         int
		answer, want string
	}{
		"no CBOR":                {websocket.BinaryMessage, "\xff\xff", "what is no answer"},
		"a text":                 {websocket.TextMessage, "busy", "what is no answer"},
		"nothing":                {websocket.BinaryMessage, "", "what is no answer"},
		"an id that is a list":   {websocket.BinaryMessage, "\xa1\x62id\x9f\x01\xff", "what is no answer"},
		"an endless result":      {websocket.BinaryMessage, endless, "what is no answer"},
		"an id that nobody gave": {websocket.BinaryMessage, "\xa1\x62id\x61x", context.DeadlineExceeded.Error()},
		"no id":                  {websocket.BinaryMessage, "\xa0", context.DeadlineExceeded.Error()},
		"a farewell":             {websocket.CloseMessage, "\x03\xe9", "the connection was lost"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ws, err := (&websocket.Upgrader{Subprotocols: []string{"cbor"}}).Upgrade(w, r, nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer ws.Close()
			_, _, _ = ws.ReadMessage()
			_ = ws.WriteMessage(c.kind, []byte(c.answer))
			_, _, _ = ws.ReadMessage() // until the client leaves
		}))
		conn, err := surrealstore.NewConnection(surrealstore.ConnectionOptions{URL: "ws" + strings.TrimPrefix(server.URL, "http") + "/behind/a/proxy"})
		ok(t, err)
		patience := 10 * time.Second
		if c.want == context.DeadlineExceeded.Error() {
			patience /= 100
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		_, err = conn.Send(ctx, "ping")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		cancel()
		ok(t, conn.Close(t.Context()))
		server.Close()
	}
}

// TestServerThatIsElsewhereIsTold: by a redirection, which is not followed.
func TestServerThatIsElsewhereIsTold(t *testing.T) {
	server := httptest.NewServer(http.RedirectHandler("http://elsewhere.example/", http.StatusMovedPermanently))
	defer server.Close()
	conn, err := surrealstore.NewConnection(surrealstore.ConnectionOptions{URL: "ws" + strings.TrimPrefix(server.URL, "http")})
	ok(t, err)
	if err := conn.Connect(t.Context()); err == nil || !strings.Contains(err.Error(), "/rpc: ") || !strings.Contains(err.Error(), "301") {
		t.Errorf("a redirection: %v", err)
	}
	ok(t, conn.Close(t.Context()))
}

// TestWhatAConnectionLacksIsRefused before the server does something for
// nothing.
func TestWhatAConnectionLacksIsRefused(t *testing.T) {
	db := connect(t, find(t), nil)
	if _, err := surrealdb.Live(t.Context(), db, "sessions", false); err == nil || !strings.Contains(err.Error(), "no live queries") {
		t.Errorf("Live: %v", err)
	}
	_, attach := db.Attach(t.Context())
	_, begin := db.Begin(t.Context())
	if attach == nil || begin == nil {
		t.Errorf("Attach: %v, Begin: %v", attach, begin)
	}
}

// TestHastyCallsFindASilentServer, though none waits for a second, and they
// leave before their deadline.
func TestHastyCallsFindASilentServer(t *testing.T) {
	t.Parallel()
	s := find(t)
	var made dials
	proxy := testserver.NewProxy(t, s.host)
	st := open(t, connect(t, s.through(proxy), made.dialer()))
	proxy.Silence()
	defer proxy.Pass()
	for began := time.Now(); made.n.Load() == 1; {
		ctx, leave := context.WithCancel(t.Context())
		visitor := time.AfterFunc(100*time.Millisecond, leave)
		if _, err := st.Load(ctx, "a"); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		visitor.Stop()
		if time.Since(began) > 10*time.Second {
			t.Fatal("there is no new connection")
		}
	}
}
