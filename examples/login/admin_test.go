package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestOnlyTheAdministratorManagesUsers(t *testing.T) {
	c := quick()
	c.db = t.TempDir() + "/login.db"
	url := start(t, c)
	newBrowser(t, url).signUp("ann", annsPassword)
	bob := newBrowser(t, url).signUp("bob", bobsPassword)
	want(t, "where nobody is administrator", newBrowser(t, url).signIn("ann", annsPassword).get("/admin").status, http.StatusForbidden)

	c.admin = " Ann"
	ann := newBrowser(t, start(t, c)).signIn("ann", annsPassword)
	bob.url = ann.url
	bob.signIn("bob", bobsPassword)
	page := ann.get("/admin")
	want(t, "ann", page.status, http.StatusOK)
	want(t, "lists bob", strings.Contains(page.body, "<bdi>bob</bdi>"), true)
	want(t, "has a link", strings.Contains(ann.get("/").body, `href="/admin"`), true)
	want(t, "bob has none", strings.Contains(bob.get("/").body, `href="/admin"`), false)
	refused := bob.get("/admin")
	want(t, "bob", refused.status, http.StatusForbidden)
	want(t, "he is told", refused.text("error"), "Only administrators can see this page. If you are one, sign in with that account.")
	want(t, "his script is told", bob.do("GET", "/admin", nil, "Accept", "application/json").body, "Forbidden\n")
	want(t, "nobody", newBrowser(t, ann.url).get("/admin").to(), "See Other /login?next=%2Fadmin")

	ids := page.ids()
	want(t, "buttons", len(ids), 2)
	want(t, "bob signs ann out", bob.post("/admin/revoke", "id", ids[0]).status, http.StatusForbidden)
	want(t, "no such user", ann.post("/admin/revoke", "id", "nobody").status, http.StatusNotFound)
	want(t, "ann signs bob out", ann.post("/admin/revoke", "id", ids[1]).to(), "See Other /admin")
	want(t, "notice", ann.get("/admin").text("notice"), "bob is signed out on all devices.")
	want(t, "bob, then", bob.who(), "")
	want(t, "ann signs herself out", ann.post("/admin/revoke", "id", ids[0]).to(), "See Other /admin")
	want(t, "ann, then", ann.who(), "")
}

func TestAdministratorHasToBeAUser(t *testing.T) {
	c := quick()
	c.admin = "ann"
	s, err := newSite(t.Context(), c)
	if s != nil || err == nil || !strings.Contains(err.Error(), `there is no user "ann": start without -admin`) {
		t.Errorf("-admin of a name that is free: %v", err)
	}
}
