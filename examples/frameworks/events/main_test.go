package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gosessions/sessions/examples/frameworks/internal/visitor"
)

const (
	page   = "https://app.example.com"
	origin = "Origin: " + page
	asJSON = "Content-Type: application/json"
)

// member returns a member of the JSON object in an answer.
func member(t *testing.T, a visitor.Answer, name string) string {
	t.Helper()
	var object map[string]string
	if err := json.Unmarshal([]byte(a.Body), &object); err != nil {
		t.Fatalf("status %d, body %q: %v", a.Status, a.Body, err)
	}
	return object[name]
}

func TestTicketOpensOneStreamUntilTheLogout(t *testing.T) {
	h, err := site(page)
	v := visitor.New(t, visitor.Serve(t, h, err))
	answer := v.Post("/login", `{"name":"ann","password":"secret"}`, asJSON, origin, "Sec-Fetch-Site: cross-site")
	visitor.Want(t, "cookies and tokens beside the body", answer.Header.Get("Set-Cookie")+answer.Header.Get("X-Session-Token"), "")
	visitor.Want(t, "who may read it", answer.Header.Get("Access-Control-Allow-Origin"), page)
	bearer := "Authorization: Bearer " + member(t, answer, "token")
	visitor.Want(t, "status of a ticket for nobody", v.Post("/ticket", "").Status, 401)
	stream := "/events?ticket=" + member(t, v.Post("/ticket", "", bearer), "ticket")
	const accept = "Accept: text/event-stream"
	visitor.Want(t, "status of a link with a ticket", v.Get(stream).Status, 401)

	resp := v.Open("GET", stream, "", accept)
	defer func() { _ = resp.Body.Close() }()
	visitor.Want(t, "status of the stream", resp.StatusCode, http.StatusOK)
	visitor.Want(t, "status of a ticket that was used", v.Get(stream, accept).Status, 401)

	events := bufio.NewReader(resp.Body)
	for _, text := range []string{`"hello"`, `"two\nlines"`} {
		visitor.Want(t, "status of a message", v.Post("/messages", text, asJSON, bearer).Status, 204)
		line, err := events.ReadString('\n')
		visitor.Want(t, "event", strings.TrimSpace(line), "data: "+text)
		visitor.Want(t, "error", err, nil)
		_, _ = events.ReadString('\n')
	}
	visitor.Want(t, "status of the logout", v.Post("/logout", "", bearer).Status, 204)
	rest, err := io.ReadAll(events)
	visitor.Want(t, "rest of the stream", string(rest), "")
	visitor.Want(t, "error at its end", err, nil)
}

func TestPagesOfOtherSitesCannotLogIn(t *testing.T) {
	h, err := site(page)
	v := visitor.New(t, visitor.Serve(t, h, err))
	answer := v.Post("/login", `{"name":"ann","password":"secret"}`, asJSON, "Origin: https://other.example", "Sec-Fetch-Site: cross-site")
	visitor.Want(t, "status", answer.Status, 403)
}
