package main

import (
	"net/http"
	"testing"
	"time"
)

func TestChangeOfPasswordEndsAllOtherSessions(t *testing.T) {
	b := newBrowser(t, start(t, quick())).signUp("ann", annsPassword)
	other, bob := newBrowser(t, b.url).signIn("ann", annsPassword), newBrowser(t, b.url).signUp("bob", bobsPassword)
	token := b.cookie()

	for _, tc := range []struct {
		password, changed string
		status            int
		says              string
	}{
		{"not the one I have", newPassword, http.StatusUnauthorized, "That is not your password. Try again."},
		{bobsPassword, newPassword, http.StatusUnauthorized, "That is not your password. Try again."},
		{annsPassword, "short", http.StatusUnprocessableEntity, "Use 15 to 256 characters of any kind for the password, for example four words."},
	} {
		r := b.post("/password", "password", tc.password, "new", tc.changed)
		want(t, tc.password+", "+tc.changed, r.status, tc.status)
		want(t, "it says", r.text("error"), tc.says)
	}
	want(t, "token, so far", b.cookie(), token)
	want(t, "other device, so far", other.who(), "ann")

	want(t, "change", b.post("/password", "password", annsPassword, "new", newPassword).to(), "See Other /account")
	page := b.get("/account")
	want(t, "who has changed it", page.text("who"), "ann")
	want(t, "notice", page.text("notice"), "Your password is changed. You're signed out on all other devices.")
	want(t, "notice, later", b.get("/account").text("notice"), "")
	want(t, "another token", b.cookie() != token, true)
	want(t, "other device", other.get("/account").to(), "See Other /login?next=%2Faccount")
	want(t, "another user", bob.who(), "bob")
	want(t, "sign in by the old one", other.post("/login", "name", "ann", "password", annsPassword).status, http.StatusUnauthorized)
	other.signIn("ann", newPassword)
	want(t, "who has changed it, still", b.who(), "ann")
}

func TestPasswordThatWasChangedMeanwhileIsNotChanged(t *testing.T) {
	s := newTestSite(t, quick())
	ctx := t.Context()
	ann, err := s.users.signUp(ctx, credentials{"ann", annsPassword})
	want(t, "sign up", err, nil)
	want(t, "change", s.users.setHash(ctx, ann, "new"), nil)
	if err := s.users.setHash(ctx, ann, "newer"); err == nil {
		t.Error("a change of what is not the password any more succeeds")
	}
	now, err := s.users.User(ctx, ann.id)
	want(t, "user", err, nil)
	want(t, "hash", now.hash, "new")
}

func TestSensitivePagesAskForThePasswordAgain(t *testing.T) {
	c := quick()
	c.db, c.admin = t.TempDir()+"/login.db", ""
	b := newBrowser(t, start(t, c)).signUp("ann", annsPassword)
	c.admin = "ann"
	lately := newBrowser(t, start(t, c)).signIn("ann", annsPassword)
	want(t, "just signed in", lately.get("/admin").status, http.StatusOK)

	c.recent = time.Nanosecond // over before anybody can ask
	b.url = start(t, c)
	b.signIn("ann", annsPassword)
	want(t, "signed in long ago", b.get("/admin").to(), "See Other /confirm?next=%2Fadmin")
	want(t, "a change", b.post("/admin/revoke").to(), "See Other /confirm?next=%2Fadmin")
	want(t, "a change by a script", b.do("POST", "/admin/revoke", nil, "Accept", "application/json").to(), "Unauthorized")
	want(t, "nobody", newBrowser(t, b.url).get("/admin").to(), "See Other /login?next=%2Fadmin")

	token := b.cookie()
	r := b.post("/confirm", "password", "not the one I have", "next", "/admin")
	want(t, "wrong password", r.status, http.StatusUnauthorized)
	want(t, "it says", r.text("error"), "That is not your password. Try again.")
	want(t, "token", b.cookie(), token)
	want(t, "another user's password", b.post("/confirm", "name", "bob", "password", bobsPassword).status, http.StatusUnauthorized)
	want(t, "password", b.post("/confirm", "password", annsPassword, "next", "/admin").to(), "See Other /admin")
	want(t, "another token", b.cookie() != token, true)
	want(t, "to another site", b.post("/confirm", "password", annsPassword, "next", "//evil.example").to(), "See Other /account")
}
