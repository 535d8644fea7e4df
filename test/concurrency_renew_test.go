package test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
)

// together sends n requests of one session that go on when all of them have
// loaded it, and returns the responses.
func together(a *app, b *browser, n int, page handler) []*http.Response {
	var loaded, done sync.WaitGroup
	loaded.Add(n)
	replies := make([]*http.Response, n)
	for i := range n {
		c := b.with(a, meanwhile(func() { loaded.Done(); loaded.Wait() }, page))
		done.Go(func() { replies[i] = c.do(httptest.NewRequest("POST", "https://example.com/", nil)) })
	}
	done.Wait()
	return replies
}

// TestR72_ParallelRenewalsAllSucceed: there is one new token, and the browser
// is signed in whichever of the responses arrives last or is lost.
func TestR72_ParallelRenewalsAllSucceed(t *testing.T) {
	const n = 8
	for name, tc := range map[string]struct {
		opts  sessions.Options
		page  handler
		after string
	}{
		"by Renew":                     {sessions.Options{}, renewing, `200 "ann" 1`},
		"by Renew and writes":          {sessions.Options{}, both(count, renewing), `200 "ann" 9`},
		"by RenewEvery":                {sessions.Options{RenewEvery: time.Minute}, whoami, `200 "ann" 1`},
		"by RenewEvery, beside writes": {sessions.Options{RenewEvery: time.Minute}, count, `200 "ann" 9`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, tc.opts)
				b.visit(a, both(count, signIn("ann")))
				old := b.token()
				<-time.After(2 * time.Minute)
				a.kinds()
				replies := together(a, b, n, tc.page)
				want(t, "events", a.kinds(), "renewed")
				winner := -1
				for i, resp := range replies {
					want(t, fmt.Sprintf("status of request %d", i), resp.StatusCode, http.StatusOK)
					if cookieLine(resp) != "" {
						want(t, "another new token", winner, -1)
						winner = i
					}
				}
				if winner < 0 {
					t.Fatal("no new token")
				}
				want(t, "the token before", a.see(old), tc.after)
				b.receive(replies[winner])
				fresh := b.token()
				want(t, "the new token", a.see(fresh), tc.after)
				for last := range n { // the order of arrival
					b.cookies["__Host-id"] = old
					for i := range n {
						b.receive(replies[(last+1+i)%n])
					}
					want(t, fmt.Sprintf("the token if response %d arrives last", last), b.token(), fresh)
				}
				want(t, "records", a.kept(), 1)
			})
		})
	}
}

func ignore(context.Context, sessions.Event) {}

// TestR72_LostResponseLosesNoSession: the token before stays good until the
// new one has been in use for RenewGrace.
func TestR72_LostResponseLosesNoSession(t *testing.T) {
	for name, tc := range map[string]struct {
		opts  sessions.Options
		page  handler
		grace time.Duration
	}{
		"of Renew":                        {sessions.Options{}, renewing, 10 * time.Second},
		"of Renew, with a RenewGrace":     {sessions.Options{RenewGrace: 3 * time.Minute}, renewing, 3 * time.Minute},
		"of Renew, with none to speak of": {sessions.Options{RenewGrace: time.Millisecond}, renewing, time.Millisecond},
		"of RenewEvery":                   {sessions.Options{RenewEvery: 49 * time.Minute}, read, 10 * time.Second},
		"of two renewals": {sessions.Options{}, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
			want(t, "Renew", s.Renew(), nil)
			want(t, "Save", s.Save(r.Context()), nil)
			renewing(w, r, s)
		}, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, tc.opts)
				b.visit(a, both(count, signIn("ann")))
				old := b.token()
				<-time.After(49 * time.Minute)
				lost := b.with(a, tc.page)
				lost.get()
				if lost.token() == old {
					t.Fatal("no new token")
				}
				a = a.as(sessions.Options{RenewGrace: tc.opts.RenewGrace, OnEvent: ignore}) // renews nothing by itself
				for i := range 20 {                                                         // most of the lifetime
					resp := b.visit(a, count)
					want(t, "a write by the token before", text(resp), fmt.Sprint("200 ", i+2))
					want(t, "its Set-Cookie", cookieLine(resp), "")
					<-time.After(50 * time.Minute)
				}
				want(t, "a read by the token before", a.see(old), `200 "ann" 21`)
				want(t, "the new token", a.see(lost.token()), `200 "ann" 21`)
				<-time.After(tc.grace - time.Millisecond)
				want(t, "a write at the end of the grace", text(b.visit(a, count)), "200 22")
				want(t, "a write by the new token", text(lost.visit(a, count)), "200 23")
				<-time.After(time.Millisecond)
				want(t, "the token before, after the grace", a.see(old), `200 "" 0`)
				want(t, "the new token, after the grace", a.see(lost.token()), `200 "ann" 23`)
			})
		})
	}
}
