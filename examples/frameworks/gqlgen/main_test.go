package main

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/examples/frameworks/gqlgen/graph"
	"github.com/gosessions/sessions/examples/frameworks/internal/visitor"
)

type object = map[string]any

func start(t *testing.T) (url string) {
	t.Helper()
	a, err := newApp()
	if err != nil {
		t.Fatal(err)
	}
	return visitor.Serve(t, a.handler(a), nil)
}

// post sends an operation and returns the answer, which has status 200.
func post(t *testing.T, v *visitor.Visitor, operation string) (answer object) {
	t.Helper()
	body, _ := json.Marshal(object{"query": operation})
	got := v.Post("/graphql", string(body), "Content-Type: application/json")
	visitor.Want(t, operation+", status", got.Status, 200)
	if err := json.Unmarshal([]byte(got.Body), &answer); err != nil {
		t.Fatalf("%s: %v", got.Body, err)
	}
	return unlocated(answer)
}

// unlocated removes from a response where in the operation its errors are.
func unlocated(response object) object {
	failures, _ := response["errors"].([]any)
	for _, failure := range failures {
		delete(failure.(object), "locations")
	}
	return response
}

func refused(path, message string, status float64) object {
	return object{"message": message, "path": []any{path}, "extensions": object{"status": status}}
}

func TestResolversLogInAndOut(t *testing.T) {
	v := visitor.New(t, start(t))
	say := func(operation string, want object) {
		t.Helper()
		visitor.Want(t, operation, post(t, v, operation), want)
	}
	say(`{me{name} visits}`, object{"data": object{"me": nil, "visits": 0.0}})
	say(`mutation{visit}`, object{"data": object{"visit": 1.0}})
	say(`mutation{login(name:"ann",password:"secret"){name}}`, object{"data": object{"login": object{"name": "ann"}}})
	say(`{me{name} visits}`, object{"data": object{"me": object{"name": "ann"}, "visits": 1.0}})
	say(`mutation{logout}`, object{"data": object{"logout": true}})
	say(`{me{name} visits}`, object{"data": object{"me": nil, "visits": 0.0}})
}

// TestWhatSucceededIsSavedBesideWhatFailed: the answer is 200 with errors.
func TestWhatSucceededIsSavedBesideWhatFailed(t *testing.T) {
	v := visitor.New(t, start(t))
	visitor.Want(t, "visit and a wrong password", post(t, v, `mutation{visit login(name:"ann",password:"guess"){name}}`), object{
		"data":   object{"visit": 1.0, "login": nil},
		"errors": []any{refused("login", "Unauthorized", 401)},
	})
	visitor.Want(t, "afterwards", post(t, v, `{me{name} visits}`), object{"data": object{"me": nil, "visits": 1.0}})
}

func TestResolverThatFailsKeepsNoLogin(t *testing.T) {
	v := visitor.New(t, start(t))
	visitor.Want(t, "suspended", post(t, v, `mutation{login(name:"bob",password:"secret"){name}}`), object{
		"data":   object{"login": nil},
		"errors": []any{object{"message": "this account is suspended", "path": []any{"login"}}},
	})
	visitor.Want(t, "afterwards", post(t, v, `{me{name}}`), object{"data": object{"me": nil}})
}

// faulty panics after a visit.
type faulty struct {
	*app
	mutation
}

func (f faulty) Mutation() graph.MutationResolver { return f }

func (f faulty) Visit(ctx context.Context) (*int, error) {
	s, err := sessions.Load(ctx)
	if err == nil {
		err = Counter.Set(s, 9)
	}
	if err != nil {
		return nil, err
	}
	panic("a fault")
}

func TestResolverThatPanicsSavesNothing(t *testing.T) {
	a, err := newApp()
	if err != nil {
		t.Fatal(err)
	}
	v := visitor.New(t, visitor.Serve(t, a.handler(faulty{a, mutation{a}}), nil))
	answer := v.Post("/graphql", `{"query":"mutation{visit}"}`, "Content-Type: application/json")
	visitor.Want(t, "status", answer.Status, 500)
	visitor.Want(t, "body", answer.Body, `{"errors":[{"message":"internal system error","path":["visit"]}],"data":{"visit":null}}`)
	visitor.Want(t, "cookies", answer.Header.Get("Set-Cookie"), "")
	visitor.Want(t, "afterwards", post(t, v, `{visits}`), object{"data": object{"visits": 0.0}})
}

// socket subscribes, or sends another operation, over a new WebSocket.
func socket(t *testing.T, v *visitor.Visitor, url, operation string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), url+"/graphql", &websocket.DialOptions{HTTPClient: v.Client, Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	for _, message := range []object{
		{"type": "connection_init"},
		{"type": "subscribe", "id": "1", "payload": object{"query": operation}},
	} {
		if err := wsjson.Write(t.Context(), conn, message); err != nil {
			t.Fatal(err)
		}
	}
	return conn
}

// wantNext compares the next message about the operation.
func wantNext(t *testing.T, conn *websocket.Conn, want object) {
	t.Helper()
	var got object
	for got["id"] == nil {
		got = nil
		if err := wsjson.Read(t.Context(), conn, &got); err != nil {
			t.Fatal(err)
		}
	}
	if response, ok := got["payload"].(object); ok {
		unlocated(response)
	}
	visitor.Want(t, "message", got, want)
}

func next(response object) object { return object{"type": "next", "id": "1", "payload": response} }

func TestSubscriptionFollowsTheSessionUntilTheLogout(t *testing.T) {
	const subscription = `subscription{visits}`
	url := start(t)
	v := visitor.New(t, url)
	wantNext(t, socket(t, v, url, subscription), next(object{"data": nil, "errors": []any{refused("visits", "Unauthorized", 401)}}))

	post(t, v, `mutation{login(name:"ann",password:"secret"){name}}`)
	conn := socket(t, v, url, subscription)
	wantNext(t, conn, next(object{"data": object{"visits": 0.0}}))
	post(t, v, `mutation{visit}`)
	wantNext(t, conn, next(object{"data": object{"visits": 1.0}}))
	post(t, v, `mutation{logout}`)
	wantNext(t, conn, object{"type": "complete", "id": "1"})
}

// TestNobodyLogsInOverAWebSocket: no cookie could follow.
func TestNobodyLogsInOverAWebSocket(t *testing.T) {
	url := start(t)
	v := visitor.New(t, url)
	conn := socket(t, v, url, `mutation{login(name:"ann",password:"secret"){name}}`)
	wantNext(t, conn, next(object{"data": object{"login": nil}, "errors": []any{refused("login", "Internal Server Error", 500)}}))
	visitor.Want(t, "afterwards", post(t, v, `{me{name}}`), object{"data": object{"me": nil}})
}
