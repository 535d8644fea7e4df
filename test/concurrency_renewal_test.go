package test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// meanwhile is a page that lets something else happen between the load and
// the change of a request.
func meanwhile(f func(), page handler) handler {
	return func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		f()
		page(w, r, s)
	}
}

func TestRenewalDuringAWrite(t *testing.T) {
	for _, step := range []struct {
		name   string
		setup  handler
		other  handler
		after  string // what the new token shows
		events string
	}{
		{"of nobody's session merges the write", count, renewing, `200 "" 2`, "renewed"},
		{"by a login drops the write", count, signIn("ann"), `200 "ann" 1`, "renewed gone"},
		{"by another user's login drops the write", both(count, signIn("bob")), signIn("ann"), `200 "ann" 1`, "renewed gone"},
		{"by the same user's login drops the write", both(count, signIn("ann")), signIn("ann"), `200 "ann" 1`, "renewed gone"},
		{"of somebody's session merges the write", both(count, signIn("ann")), renewing, `200 "ann" 2`, "renewed"},
		{"and a second one", both(count, signIn("ann")), both(count, renewing), `200 "ann" 3`, "renewed"},
	} {
		t.Run(step.name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			writer := a.browser(step.setup)
			writer.get()
			old := writer.token()
			renewer := writer.with(a, read)
			a.kinds()
			resp := writer.visit(a, meanwhile(func() {
				want(t, "status of the renewal", renewer.visit(a, step.other).StatusCode, http.StatusOK)
			}, count))
			want(t, "the writer's reply", text(resp), "200 2")
			want(t, "the writer's Set-Cookie", cookieLine(resp), "")
			want(t, "events", a.kinds(), step.events)
			if step.events == "renewed" { // it has its grace
				want(t, "the old token", a.see(old), step.after)
			} else {
				want(t, "the old token", a.see(old), `200 "" 0`)
			}
			want(t, "the new token", a.see(renewer.token()), step.after)
		})
	}
}

func TestWriteDuringARenewalIsKept(t *testing.T) {
	for name, page := range map[string]handler{"renewal": renewing, "login": signIn("bob")} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(both(count, signIn("ann")))
			b.get()
			old := b.token()
			other := b.with(a, count)
			resp := b.visit(a, meanwhile(func() { want(t, "the write", other.get(), "200 2") }, page))
			want(t, "status", resp.StatusCode, http.StatusOK)
			b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
				n, err := counter.Get(s)
				want(t, "counter", n, 2)
				want(t, "error", err, nil)
			})
			want(t, "the old token", a.see(old), map[string]string{"renewal": `200 "ann" 2`, "login": `200 "" 0`}[name])
		})
	}
}

func TestTwoRenewalsAtOnce(t *testing.T) {
	for _, step := range []struct {
		name        string
		setup       handler
		first, late handler
		status      int
		events      string
		old         string // what the old token shows
		after       string // what the first one's token shows
		own         string // what the late one's token shows, if it has one of its own
	}{
		{"of nobody's", count, renewing, renewing, 200, "renewed", `200 "" 1`, `200 "" 1`, ""},
		{"of somebody's", both(count, signIn("ann")), renewing, renewing, 200, "renewed", `200 "ann" 1`, `200 "ann" 1`, ""},
		{"by logins", count, signIn("ann"), signIn("bob"), 200, "renewed created", `200 "" 0`, `200 "ann" 1`, `200 "bob" 0`},
		{"by a form sent twice", count, signIn("ann"), signIn("ann"), 200, "renewed created", `200 "" 0`, `200 "ann" 1`, `200 "ann" 1`},
		{"by the same user again", both(count, signIn("ann")), signIn("ann"), signIn("ann"), 409, "renewed gone", `200 "" 0`, `200 "ann" 1`, ""},
		{"by a login and a renewal", count, signIn("ann"), renewing, 409, "renewed gone", `200 "" 0`, `200 "ann" 1`, ""},
		{"by a renewal and a login", count, renewing, signIn("ann"), 200, "renewed created", `200 "" 1`, `200 "" 1`, `200 "ann" 1`},
		{"by a renewal and another user's login", both(count, signIn("ann")), renewing, signIn("bob"), 200, "renewed created", `200 "ann" 1`, `200 "ann" 1`, `200 "bob" 0`},
		{"by a renewal and a logout by subject", both(count, signIn("ann")), renewing, signIn(""), 409, "renewed gone", `200 "ann" 1`, `200 "ann" 1`, ""},
	} {
		t.Run(step.name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			late := a.browser(step.setup)
			late.get()
			old := late.token()
			first := late.with(a, read)
			a.kinds()
			resp := late.visit(a, meanwhile(func() {
				want(t, "status of the first", first.visit(a, step.first).StatusCode, http.StatusOK)
			}, step.late))
			want(t, "status of the late one", resp.StatusCode, step.status)
			want(t, "events", a.kinds(), step.events)
			want(t, "the old token", a.see(old), step.old)
			want(t, "the new token", a.see(first.token()), step.after)
			if step.own == "" {
				want(t, "the late one's Set-Cookie", cookieLine(resp), "")
				want(t, "records", a.kept(), 1)
				return
			}
			want(t, "the late one's token", a.see(late.token()), step.own)
			want(t, "records", a.kept(), 2)
		})
	}
}

// TestRenewalAfterLogout: a renewal does not bring a session back, and says so.
// A login as somebody else begins a session of its own.
func TestRenewalAfterLogout(t *testing.T) {
	for name, page := range map[string]handler{"renewal": renewing, "login": signIn("bob")} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(both(count, signIn("ann")))
			b.get()
			old := b.token()
			other := b.with(a, read)
			resp := b.visit(a, meanwhile(func() {
				want(t, "logout", text(other.visit(a, signOut)), "200 bye")
			}, page))
			want(t, "the old token", a.see(old), `200 "" 0`)
			if name == "login" {
				want(t, "reply", text(resp), "200 hello bob")
				want(t, "the login", a.see(b.token()), `200 "bob" 0`)
				return
			}
			want(t, "reply", text(resp), "409 Conflict")
			want(t, "Set-Cookie", cookieLine(resp), "")
			want(t, "records", a.kept(), 0)
		})
	}
}

// TestLogoutDuringRenewals: a logout ends the session however often it was
// renewed, but not a login that it has not seen: the visitor is told.
func TestLogoutDuringRenewals(t *testing.T) {
	for name, page := range map[string]handler{
		"renewals": renewing, "logins": both(signIn(""), signIn("ann")),
	} {
		for renewals := range 4 {
			a := newApp(t, sessions.Options{})
			b := a.browser(both(count, signIn("ann")))
			b.get()
			other := b.with(a, read)
			resp := b.visit(a, meanwhile(func() {
				for range renewals {
					want(t, "status of a renewal", other.visit(a, page).StatusCode, http.StatusOK)
				}
			}, signOut))
			reply, after := "200 bye", `200 "" 0`
			if name == "logins" && renewals > 0 {
				reply, after = "409 Conflict", `200 "ann" 1`
			}
			want(t, "logout", text(resp), reply)
			want(t, fmt.Sprintf("the newest token, after %d %s", renewals, name), a.see(other.token()), after)
		}
	}
}

// TestRenewalThatFailsLeavesTheSession: another request changed it meanwhile,
// and then the renewal cannot be carried out.
func TestRenewalThatFailsLeavesTheSession(t *testing.T) {
	half := func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		_, _ = counter.Update(s, func(n int) int { return 1 / (10 - n) })
	}
	for name, tc := range map[string]struct {
		page  handler
		fault func(n int, op string) faultstore.Fault
		reply string
	}{
		"an update that panics when it is made again": {both(half, renewing), nil, "500 Internal Server Error"},
		"the store is down when it is tried again": {renewing, func(n int, op string) faultstore.Fault {
			if op == "save" && n > 2 { // after load, save, load
				return faultstore.Before
			}
			return faultstore.None
		}, "503 Service Unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(both(count, signIn("ann")))
			b.get()
			old := b.token()
			a.store.Ops()
			resp := b.visit(a, meanwhile(func() {
				a.overtake(b, func(s *sessions.Session) { _ = counter.Set(s, 10) })
				a.store.Ops()
				_, _ = a.store.Load(t.Context(), "") // counts as the load of this request
				a.store.Fault = tc.fault
			}, tc.page))
			a.store.Fault = nil
			want(t, "reply", text(resp), tc.reply)
			want(t, "Set-Cookie", cookieLine(resp), "")
			want(t, "records", a.kept(), 1)
			want(t, "the token", a.see(old), `200 "ann" 10`)
		})
	}
}

// TestManyRenewalsDuringAWrite: however many there are, the write is kept.
func TestManyRenewalsDuringAWrite(t *testing.T) {
	for _, renewals := range []int{1, 7, 8, 30} {
		a := newApp(t, sessions.Options{})
		writer := a.browser(both(count, signIn("ann")))
		writer.get()
		renewer := writer.with(a, read)
		a.kinds()
		resp := writer.visit(a, meanwhile(func() {
			for range renewals {
				renewer.visit(a, renewing)
			}
			a.kinds()
		}, count))
		want(t, "reply", text(resp), "200 2")
		want(t, fmt.Sprintf("the session after %d renewals", renewals), a.see(renewer.token()), `200 "ann" 2`)
		want(t, "events", a.kinds(), "")
	}
}

// TestLogoutOfWhatHasEnded: another request renewed the session and ended it,
// or its record was damaged. Only who ends a session removes the cookie.
func TestLogoutOfWhatHasEnded(t *testing.T) {
	for name, tc := range map[string]struct {
		f       func(a *app, b *browser)
		removed bool
	}{
		"a logout": {func(a *app, b *browser) { b.visit(a, signOut) }, false},
		"a renewal and a logout": {func(a *app, b *browser) {
			b.visit(a, renewing)
			b.visit(a, signOut)
		}, false},
		"damage": {func(a *app, b *browser) { spoil(t, a, a.id(b.token())) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(both(count, signIn("ann")))
			b.get()
			old := b.token()
			other := b.with(a, read)
			resp := b.visit(a, meanwhile(func() { tc.f(a, other) }, signOut))
			want(t, "reply", text(resp), "200 bye")
			want(t, "Set-Cookie", maxAge(resp), map[bool]string{true: "0"}[tc.removed])
			want(t, "the old token", a.see(old), `200 "" 0`)
		})
	}
}

func TestR62_RevokeAllFindsWhatIsRenewedMeanwhile(t *testing.T) {
	a := newApp(t, sessions.Options{})
	var bs [2]*browser
	var ids [2]string
	for i := range bs {
		bs[i] = a.browser(both(count, signIn("ann")))
		bs[i].get()
		ids[i] = a.id(bs[i].token())
	}
	once := false
	a.store.Hook = func(op, id string) {
		if op != "delete" || once {
			return
		}
		once = true
		for i := range ids {
			if ids[i] != id {
				want(t, "renewal", text(bs[i].visit(a, renewing)), "200 renewed")
			}
		}
	}
	want(t, "RevokeAll", a.RevokeAll(t.Context(), "ann"), nil)
	a.store.Hook = nil
	for _, b := range bs {
		want(t, "token", a.see(b.token()), `200 "" 0`)
	}
}
