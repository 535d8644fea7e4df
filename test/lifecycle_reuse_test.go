package test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
)

// passively makes a page's request no use of the session.
func passively(page handler) handler {
	return both(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { s.Passive() }, page)
}

// TestR86_ReplacedTokenIsReported once its grace is over: it opens nothing, and
// with EndOnReuse it ends the session, unless a login replaced it.
func TestR86_ReplacedTokenIsReported(t *testing.T) {
	const grace = 30 * time.Second
	for name, tc := range map[string]struct {
		end     bool
		replace handler // what gives the session its new token
		within  string  // what the old token shows within its grace
		early   string  // events then
		late    string  // events afterwards
		again   string  // events of a second use
		lives   bool
	}{
		"renewed":                  {false, renewing, `200 "ann" 1`, "", "reused", "reused", true},
		"renewed, with EndOnReuse": {true, renewing, `200 "ann" 1`, "", "reused destroyed", "expired", false},
		"a login":                  {false, signIn("ann"), `200 "" 0`, "expired", "reused", "reused", true},
		"a login, with EndOnReuse": {true, signIn("ann"), `200 "" 0`, "expired", "reused", "reused", true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{EndOnReuse: tc.end, RenewGrace: grace})
				b.visit(a, both(count, signIn("ann")))
				old, id := b.token(), a.id(b.token())
				b.visit(a, tc.replace)
				newer := b.token()
				want(t, "the token is new", newer != old, true)
				want(t, "first use of the new token", a.see(newer), `200 "ann" 1`)
				a.kinds()

				<-time.After(grace - time.Millisecond)
				want(t, "the old token within its grace", a.see(old), tc.within)
				want(t, "events within the grace", a.kinds(), tc.early)
				want(t, "the session within the grace", a.see(newer), `200 "ann" 1`)

				<-time.After(time.Millisecond)
				want(t, "the old token afterwards", a.see(old), `200 "" 0`)
				for _, e := range a.events {
					want(t, "id of the event "+string(e.Kind), e.ID, id)
					want(t, "subject of the event "+string(e.Kind), e.Subject, "ann")
				}
				want(t, "events afterwards", a.kinds(), tc.late)
				shown := `200 "" 0`
				if tc.lives {
					shown = `200 "ann" 1`
				}
				want(t, "the session afterwards", a.see(newer), shown)
				a.kinds()
				want(t, "the old token once more", a.see(old), `200 "" 0`)
				want(t, "events once more", a.kinds(), tc.again)
				if _, err := a.Open(t.Context(), old); !errors.Is(err, sessions.ErrNotFound) {
					t.Errorf("Open: %v, want ErrNotFound", err)
				}
			})
		})
	}
	t.Run("the grace begins when the new token is used", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{EndOnReuse: true, RenewGrace: grace})
			b.visit(a, both(count, signIn("ann")))
			old := b.token()
			b.visit(a, renewing) // and this response is lost
			<-time.After(10 * grace)
			a.kinds()
			want(t, "the old token", a.see(old), `200 "ann" 1`)
			want(t, "events", a.kinds(), "")
		})
	})
}

// TestR87_PassiveRequestIsNoUse: it moves no expiry and renews no token.
func TestR87_PassiveRequestIsNoUse(t *testing.T) {
	for name, tc := range map[string]struct {
		page  handler
		lives bool
		last  string // what the last poll before the idle timeout shows
	}{
		"passive reads":  {passively(whoami), false, `200 "ann" 1`},
		"passive writes": {passively(both(count, whoami)), false, `200 "ann" 7`},
		"reads":          {whoami, true, `200 "ann" 1`},
		"writes":         {both(count, whoami), true, `200 "ann" 7`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{})
				b.visit(a, both(count, signIn("ann")))
				id := a.id(b.token())
				ends := a.row(id).Expires
				last := ""
				for range 6 { // until a millisecond before the idle timeout
					<-time.After(10*time.Minute - time.Millisecond/6)
					last = text(b.visit(a, tc.page))
				}
				want(t, "the last poll", last, tc.last)
				want(t, "the expiry moved", a.row(id).Expires.After(ends), tc.lives)
				<-time.After(time.Millisecond)
				shown := `200 "" 0`
				if tc.lives {
					shown = tc.last
				}
				want(t, "after the idle timeout", a.see(b.token()), shown)
			})
		})
	}
	const every = 20 * time.Minute
	for name, tc := range map[string]struct {
		page    handler
		renewed bool
	}{
		"passive read":  {passively(read), false},
		"passive write": {passively(count), false},
		"read":          {read, true},
	} {
		t.Run("RenewEvery, "+name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{RenewEvery: every})
				b.visit(a, both(count, signIn("ann")))
				old := b.token()
				<-time.After(every + time.Minute)
				resp := b.visit(a, tc.page)
				want(t, "a cookie is set", cookieLine(resp) != "", tc.renewed)
				want(t, "the token is new", b.token() != old, tc.renewed)
				b.visit(a, read)
				want(t, "the next page renews it", b.token() != old, true)
			})
		})
	}
}
