package login_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// setState changes one member of what a browser's session stores about its
// login.
func (b *browser) setState(member string, value any) {
	want(b.t(), "setup", b.post(func(r *http.Request) (string, error) {
		s, err := b.a.sessions.Load(r.Context())
		if err != nil {
			return "", err
		}
		_, err = sessions.Key[map[string]any]("login.state").Update(s, func(st map[string]any) map[string]any {
			st[member] = value
			return st
		})
		return "", err
	}), "200")
}

// TestR111_ProofFromTheFutureIsNotRecent: a process whose clock is ahead lets
// nobody skip a confirmation, and a clock that is ahead by seconds disturbs
// nobody.
func TestR111_ProofFromTheFutureIsNotRecent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, login.Options{LoginURL: "/login", ConfirmURL: "/confirm"})
		b := a.browser()
		annSignedIn(b)
		sudo := a.RequireRecent(10 * time.Minute)(http.HandlerFunc(page))
		passes, confirm := reply{Status: http.StatusNoContent}, reply{http.StatusSeeOther, "/confirm?next=%2Fa"}
		for ahead, reply := range map[time.Duration]reply{
			30 * time.Second: passes, time.Minute: passes, time.Minute + 1: confirm, time.Hour: confirm, 100 * 365 * 24 * time.Hour: confirm,
		} {
			b.setState("proved", time.Now().Add(ahead))
			want(t, ahead.String()+" ahead", b.reply(sudo, get("/a")), reply)
		}
		want(t, "confirm", b.post(func(r *http.Request) (string, error) { return "", a.Confirm(r.Context(), a.ann()) }), "200")
		want(t, "after a confirmation", b.reply(sudo, get("/a")), passes)
	})
}

// TestR111_NoTimeIsNoLoop: a developer who forgets the time is told, instead of
// users being sent to confirm again and again.
func TestR111_NoTimeIsNoLoop(t *testing.T) {
	a := newApp(t, login.Options{LoginURL: "/login"})
	b := a.browser()
	annSignedIn(b)
	for _, within := range []time.Duration{0, -time.Minute} {
		want(t, within.String(), b.reply(a.RequireRecent(within)(http.HandlerFunc(page)), get("/a")), reply{Status: http.StatusInternalServerError})
		b.post(func(r *http.Request) (string, error) {
			_, err := a.Recent(r.Context(), within)
			want(t, "the error names the remedy", err != nil && strings.Contains(err.Error(), "login: Recent within "+within.String()+" is never true; pass"), true)
			return "", nil
		})
	}
}
