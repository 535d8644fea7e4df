package main

import (
	"net/http"
	"testing"

	"github.com/coder/websocket"

	"github.com/gosessions/sessions/examples/frameworks/internal/visitor"
)

func TestMessagesAreCountedUntilTheLogout(t *testing.T) {
	for _, path := range []string{"/coder", "/gorilla"} {
		t.Run(path, func(t *testing.T) {
			manager, err := newManager()
			if err != nil {
				t.Fatal(err)
			}
			url := visitor.Serve(t, site(manager), nil)
			v := visitor.New(t, url)
			dial := func() (*websocket.Conn, *http.Response) {
				conn, resp, err := websocket.Dial(t.Context(), url+path, &websocket.DialOptions{HTTPClient: v.Client})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = conn.CloseNow() })
				return conn, resp
			}
			more := func(conn *websocket.Conn) (string, error) {
				if err := conn.Write(t.Context(), websocket.MessageText, []byte("more")); err != nil {
					return "", err
				}
				_, reply, err := conn.Read(t.Context())
				return string(reply), err
			}
			want := func(conn *websocket.Conn, count string) {
				t.Helper()
				got, err := more(conn)
				visitor.Want(t, "count", got, count)
				visitor.Want(t, "error", err, nil)
			}

			first, resp := dial()
			visitor.Want(t, "cookies of a new visitor", len(resp.Cookies()), 1)
			want(first, "2")
			second, resp := dial() // with that cookie
			visitor.Want(t, "cookies of a known visitor", len(resp.Cookies()), 0)
			want(second, "4")
			want(first, "5")

			visitor.Want(t, "status of the logout", v.Post("/logout", "").Status, 200)
			_, err = more(first)
			visitor.Want(t, "after the logout", websocket.CloseStatus(err), websocket.StatusPolicyViolation)
		})
	}
}

func TestPagesOfOtherSitesOpenNoConnection(t *testing.T) {
	manager, err := newManager()
	if err != nil {
		t.Fatal(err)
	}
	url := visitor.Serve(t, site(manager), nil)
	for _, path := range []string{"/coder", "/gorilla"} {
		_, resp, err := websocket.Dial(t.Context(), url+path, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"https://other.example"}}})
		if err == nil || resp == nil || resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: error %v, want status 403", path, err)
		}
	}
}
