package main

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestDevicesAreListedAndRevoked(t *testing.T) {
	b := newBrowser(t, start(t, quick())).signUp("ann", annsPassword)
	want(t, "buttons, at first", len(b.get("/devices").ids()), 0)
	phone, tablet := newBrowser(t, b.url), newBrowser(t, b.url)
	phone.agent, tablet.agent = safari, "<script>alert(1)</script>"
	phone.signIn("ann", annsPassword)

	page := b.get("/devices")
	want(t, "this one", strings.Contains(page.body, "Firefox on Linux <em>this device</em>"), true)
	want(t, "the phone", strings.Contains(page.body, ">Safari on iOS</th>"), true)
	ids := page.ids()
	want(t, "buttons", len(ids), 1)
	want(t, "revoke", b.post("/devices/revoke", "id", ids[0]).to(), "See Other /devices")
	want(t, "notice", b.get("/devices").text("notice"), "That device is signed out.")
	want(t, "the phone is signed out", phone.get("/account").to(), "See Other /login?next=%2Faccount")
	want(t, "this one is not", b.who(), "ann")
	r := b.post("/devices/revoke", "id", ids[0])
	want(t, "once more", r.status, http.StatusNotFound)
	want(t, "it says", r.text("error"), "That device is no longer signed in. These are your devices now.")

	phone.signIn("ann", annsPassword)
	tablet.signIn("ann", annsPassword)
	page = b.get("/devices")
	want(t, "buttons", len(page.ids()), 2)
	want(t, "what a stranger names itself", strings.Contains(page.body, "script>"), false)
	want(t, "is not shown", strings.Contains(page.body, ">Unknown browser</th>"), true)
	want(t, "revoke the others", b.post("/devices/revoke-others").to(), "See Other /devices")
	want(t, "phone and tablet", phone.who()+tablet.who(), "")
	want(t, "this one", b.who(), "ann")
}

// A thief has a copy of the cookie, but not the password.
func TestR123_ThiefCannotSignTheOwnerOut(t *testing.T) {
	c := quick()
	c.recent = time.Nanosecond // over before anybody can ask
	url := start(t, c)
	ann := newBrowser(t, url).signUp("ann", annsPassword)
	phone := newBrowser(t, url).signIn("ann", annsPassword)
	thief := ann.copy()
	want(t, "list", thief.get("/devices").to(), "See Other /confirm?next=%2Fdevices")
	for _, path := range []string{"/devices/revoke", "/devices/revoke-others"} {
		want(t, path, thief.post(path).to(), "See Other /confirm?next=%2Fdevices")
	}
	want(t, "the phone", phone.who(), "ann")

	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				thief.post("/devices/revoke-others")
			}
		}
	})
	want(t, "the owner changes the password", phone.post("/password", "password", annsPassword, "new", newPassword).to(), "See Other /account")
	close(stop)
	wg.Wait()
	want(t, "the thief, then", thief.who(), "")
	want(t, "the owner", phone.who(), "ann")
}

func TestR123_ThiefWhoIsFastSignsTheOwnerOutOnlySoOften(t *testing.T) {
	c := quick()
	c.limits.browser = 20
	url := start(t, c)
	ann := newBrowser(t, url).signUp("ann", annsPassword)
	thief := ann.copy() // and the password was entered a moment ago
	for range 20 {
		want(t, "revoke", thief.post("/devices/revoke-others").to(), "See Other /devices")
	}
	phone := newBrowser(t, url).signIn("ann", annsPassword)
	for _, path := range []string{"/devices/revoke", "/devices/revoke-others"} {
		r := thief.post(path)
		want(t, path, r.status, http.StatusTooManyRequests)
		want(t, "it says", r.text("error"), "You have signed out many devices. Wait an hour, or change your password, which signs out all of them.")
	}
	want(t, "the owner changes the password", phone.post("/password", "password", annsPassword, "new", newPassword).to(), "See Other /account")
	want(t, "the thief, then", thief.who(), "")
	want(t, "a new session may again", phone.post("/devices/revoke-others").to(), "See Other /devices")
}

func TestSessionsOfOthersAreOutOfReach(t *testing.T) {
	b := newBrowser(t, start(t, quick())).signUp("ann", annsPassword)
	newBrowser(t, b.url).signIn("ann", annsPassword)
	bob := newBrowser(t, b.url).signUp("bob", bobsPassword)
	ids := b.get("/devices").ids()
	want(t, "sessions of ann", len(ids), 1)
	for _, id := range append(ids, "", "no id", strings.Repeat("x", 5000)) {
		want(t, "revoked by bob: "+id[:min(len(id), 26)], bob.post("/devices/revoke", "id", id).status, http.StatusNotFound)
		want(t, "revoked by nobody", newBrowser(t, b.url).post("/devices/revoke", "id", id).to(), "See Other /login")
	}
	want(t, "revoke all others, of bob", bob.post("/devices/revoke-others").to(), "See Other /devices")
	want(t, "ann's other session", len(b.get("/devices").ids()), 1)
	want(t, "administrators only", bob.post("/admin/revoke", "id", ids[0]).status, http.StatusForbidden)
}
