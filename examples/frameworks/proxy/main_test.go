package main

import (
	"bufio"
	"net/url"
	"slices"
	"testing"

	"github.com/coder/websocket"

	"github.com/gosessions/sessions/examples/frameworks/internal/visitor"
)

// start serves all three, and returns the address of the front.
func start(t *testing.T) string {
	t.Helper()
	h, err := backend()
	b, _ := url.Parse(visitor.Serve(t, h, err))
	h, err = gateway(b)
	g, _ := url.Parse(visitor.Serve(t, h, err))
	return visitor.Serve(t, front(g), nil)
}

func TestGatewayAndBackendHaveTheirOwnSessions(t *testing.T) {
	front := start(t)
	v := visitor.New(t, front)
	visitor.Want(t, "first visit", v.Get("/").Body, "1 here, 1 at the gateway")
	visitor.Want(t, "second visit", v.Get("/", visits+": 1000").Body, "2 here, 2 at the gateway")
	visitor.Want(t, "cookies that the backend gets", v.Get("/cookies").Body, backendCookie)
	visitor.Want(t, "after the backend has planted a cookie", v.Get("/").Body, "3 here, 4 at the gateway")
	visitor.Want(t, "status of a failure", v.Get("/fail").Status, 500)
	visitor.Want(t, "after the failure", v.Get("/").Body, "4 here, 5 at the gateway")

	visitor.Want(t, "form of this site", v.Post("/", "", "Origin: "+front).Body, "5 here, 6 at the gateway")
	visitor.Want(t, "status of a form of another site", v.Post("/", "", "Origin: https://other.example").Status, 403)
}

func TestEachEventOfAStreamPassesAtOnce(t *testing.T) {
	v := visitor.New(t, start(t))
	stream := v.Open("GET", "/events", "")
	defer func() { _ = stream.Body.Close() }()
	visitor.Want(t, "cookies of a new visitor", len(stream.Cookies()), 2)
	events := bufio.NewReader(stream.Body)
	for range 2 {
		line, err := events.ReadString('\n')
		visitor.Want(t, "event", line, "data: 1 here, 1 at the gateway\n")
		visitor.Want(t, "error", err, nil)
		_, _ = events.ReadString('\n')
		visitor.Want(t, "status of the request for more", v.Post("/more", "").Status, 200)
	}
}

func TestWebSocketOfANewVisitorBringsBothCookies(t *testing.T) {
	front := start(t)
	v := visitor.New(t, front)
	conn, resp, err := websocket.Dial(t.Context(), front+"/socket", &websocket.DialOptions{HTTPClient: v.Client})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	var names []string
	for _, c := range resp.Cookies() {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	visitor.Want(t, "cookies", names, []string{backendCookie, gatewayCookie})
	_, text, err := conn.Read(t.Context())
	visitor.Want(t, "message", string(text), "1 here, 1 at the gateway")
	visitor.Want(t, "error", err, nil)
	visitor.Want(t, "visit afterwards", v.Get("/").Body, "2 here, 2 at the gateway")
}
