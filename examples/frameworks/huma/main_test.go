package main

import (
	"encoding/json"
	"testing"

	"github.com/gosessions/sessions/examples/frameworks/internal/visitor"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/store/memstore"
)

const asJSON = "Content-Type: application/json"

// object returns the members of a JSON object that the program sets itself.
func object(t *testing.T, a visitor.Answer) map[string]any {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(a.Body), &members); err != nil {
		t.Fatalf("status %d, body %q: %v", a.Status, a.Body, err)
	}
	delete(members, "$schema")
	return members
}

func TestOperationsLogInAndOut(t *testing.T) {
	h, err := site(new(memstore.Store))
	v := visitor.New(t, visitor.Serve(t, h, err))
	visitor.Want(t, "first visit", object(t, v.Post("/visits", "")), map[string]any{"count": 1.0})
	visitor.Want(t, "status without a login", v.Get("/members/me").Status, 401)
	visitor.Want(t, "status of a wrong password", v.Post("/login", `{"name":"ann","password":"guess"}`, asJSON).Status, 401)
	visitor.Want(t, "status of a body that does not fit", v.Post("/login", `{"name":"ann"}`, asJSON).Status, 422)

	visitor.Want(t, "login", object(t, v.Post("/login", `{"name":"ann","password":"secret"}`, asJSON)), map[string]any{"name": "ann"})
	visitor.Want(t, "me", object(t, v.Get("/members/me")), map[string]any{"name": "ann"})
	visitor.Want(t, "visit after the login", object(t, v.Post("/visits", "")), map[string]any{"count": 2.0})
	visitor.Want(t, "status of the logout", v.Post("/logout", "").Status, 204)
	visitor.Want(t, "status after the logout", v.Get("/members/me").Status, 401)
}

// TestErrorsAreProblems: whoever answers, the body is as that of huma.
func TestErrorsAreProblems(t *testing.T) {
	down := "load"
	st := &faultstore.Store{Store: new(memstore.Store), Fault: func(_ int, op string) faultstore.Fault {
		if op == down {
			return faultstore.Before
		}
		return faultstore.None
	}}
	h, err := site(st)
	v := visitor.New(t, visitor.Serve(t, h, err))
	v.Post("/visits", "")
	problem := func(what string, got visitor.Answer, status float64, title, detail string) {
		t.Helper()
		visitor.Want(t, what+", type", got.Header.Get("Content-Type"), "application/problem+json")
		visitor.Want(t, what, object(t, got), map[string]any{"status": status, "title": title, "detail": detail})
	}
	problem("store down at load", v.Post("/visits", ""), 503, "Service Unavailable", "Service Unavailable")
	problem("store down in the middleware", v.Get("/members/me"), 503, "Service Unavailable", "Service Unavailable")
	down = "save"
	problem("store down after the operation", v.Post("/visits", ""), 503, "Service Unavailable", "Service Unavailable")
	down = ""
	problem("form of another site", v.Post("/visits", "", "Sec-Fetch-Site: cross-site"), 403, "Forbidden", "Forbidden")
	visitor.Want(t, "visit when the store is back", object(t, v.Post("/visits", "")), map[string]any{"count": 2.0})
}
