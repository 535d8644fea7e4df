package main

import (
	"testing"

	"github.com/gosessions/sessions/examples/frameworks/internal/visitor"
)

func TestMembersEnterTheGroup(t *testing.T) {
	h, err := site()
	v := visitor.New(t, visitor.Serve(t, h, err))
	visitor.Want(t, "first visit", v.Get("/").Body, "1")
	visitor.Want(t, "second visit", v.Get("/").Body, "2")

	refused := v.Get("/members/bob")
	visitor.Want(t, "status without a login", refused.Status, 303)
	visitor.Want(t, "redirect", refused.Header.Get("Location"), "/login?next=%2Fmembers%2Fbob")
	visitor.Want(t, "status of a wrong password", v.Post("/login", "name=ann&password=guess").Status, 401)

	entered := v.Post(refused.Header.Get("Location"), "name=ann&password=secret")
	visitor.Want(t, "redirect of the login", entered.Header.Get("Location"), "/members/bob")
	visitor.Want(t, "page for members", v.Get("/members/bob").Body, "ann visits bob")
	visitor.Want(t, "visit after the login", v.Get("/").Body, "3")

	visitor.Want(t, "status of the logout", v.Post("/logout", "").Status, 303)
	visitor.Want(t, "status after the logout", v.Get("/members/bob").Status, 303)
	visitor.Want(t, "visit after the logout", v.Get("/").Body, "1")
}
