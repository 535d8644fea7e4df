package main

import (
	"testing"

	"github.com/gosessions/sessions/examples/frameworks/internal/visitor"
)

func TestTheStructFollowsTheVisitor(t *testing.T) {
	h, err := site()
	v := visitor.New(t, visitor.Serve(t, h, err))
	visitor.Want(t, "first page", v.Get("/").Body, "{Name: Pages:1 Lost:0}")
	visitor.Want(t, "status of a new name", v.Post("/name/ann", "").Status, 303)
	visitor.Want(t, "status of a form of another site", v.Post("/name/eve", "", "Sec-Fetch-Site: cross-site").Status, 403)
	visitor.Want(t, "status of an unknown path", v.Get("/nowhere").Status, 404)
	visitor.Want(t, "second page", v.Get("/").Body, "{Name:ann Pages:2 Lost:1}")
	visitor.Want(t, "status of forget", v.Post("/forget", "").Status, 303)
	visitor.Want(t, "page afterwards", v.Get("/").Body, "{Name: Pages:1 Lost:0}")
}
