package test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
)

// stays is a page that does nothing without a session.
func stays(page handler) handler {
	return func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		if s.IsNew() {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		page(w, r, s)
	}
}

// endings are the ways to end a browser's session. A browser's request may come
// with a token that two renewals have overtaken, and is then sent again.
var endings = map[string]func(a *app, b *browser, id string) error{
	"Destroy": func(a *app, b *browser, _ string) error {
		for {
			switch reply := b.with(a, stays(signOut)).get(); reply {
			case "401 ":
			case "200 bye":
				return nil
			default:
				return errors.New(reply)
			}
		}
	},
	"Revoke":    func(a *app, _ *browser, id string) error { return a.Revoke(context.Background(), id) },
	"RevokeAll": func(a *app, _ *browser, _ string) error { return a.RevokeAll(context.Background(), "ann") },
}

// TestR75_EndingWins: nobody who keeps writing to a session or renewing it
// delays its end, or brings it back.
func TestR75_EndingWins(t *testing.T) {
	const trip = time.Millisecond
	for name, end := range endings {
		for _, clients := range []int{1, 2, 4, 16, 200} {
			for what, page := range map[string]handler{"write": count, "renew": renewing, "write and renew": both(count, renewing)} {
				t.Run(fmt.Sprintf("%s while %d clients %s", name, clients, what), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						a, b := fresh(t, sessions.Options{})
						b.visit(a, both(count, signIn("ann")))
						id := a.id(b.token())
						a.far(trip)
						b.h = a.Handler(sessions.HandlerFunc(stays(page)))
						var over atomic.Bool
						var all sync.WaitGroup
						for range clients { // with one cookie jar
							all.Go(func() {
								for !over.Load() {
									b.get()
								}
							})
						}
						<-time.After(100*trip + trip/3)
						began := time.Now()
						want(t, "the end", end(a, b, id), nil)
						if took := time.Since(began); took > 30*trip {
							t.Errorf("took %v", took)
						}
						_, err := a.store.Store.Load(t.Context(), id)
						want(t, "the record at once", err, store.ErrNotFound)
						want(t, "what the browser sees", a.see(b.token()), `200 "" 0`)
						<-time.After(20 * trip)
						over.Store(true)
						all.Wait() // for writes that were under way
						want(t, "records, later", a.kept(), 0)
					})
				})
			}
		}
	}
}

// TestR75_NineRenewalsBeforeARevoke: an id stays good.
func TestR75_NineRenewalsBeforeARevoke(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, both(count, signIn("ann")))
	id := a.id(b.token())
	var tokens []string
	for range 9 {
		b.visit(a, renewing)
		tokens = append(tokens, b.token())
	}
	want(t, "Revoke", a.Revoke(t.Context(), id), nil)
	for i, tok := range tokens {
		want(t, fmt.Sprint("what token ", i, " shows"), a.see(tok), `200 "" 0`)
	}
	want(t, "records", a.kept(), 0)
}

// login begins a session of a subject and returns its token.
func (a *app) login(subject string) string {
	ctx, x := a.Begin(context.Background(), "")
	defer func() { _, _ = x.Discard() }()
	s, err := a.Load(ctx)
	if err != nil {
		a.t.Error(err)
		return ""
	}
	if err := s.SetSubject(subject); err != nil {
		a.t.Error(err)
	}
	reply, err := x.Commit(ctx)
	if err != nil {
		a.t.Error(err)
	}
	return reply.Token()
}

// TestR75_RevokeAllEndsAlthoughLoginsGoOn: two logins before each of its steps.
// It ends all that began before, and none of those that began later is half
// ended.
func TestR75_RevokeAllEndsAlthoughLoginsGoOn(t *testing.T) {
	const before, most = 50, 10_000
	a := newApp(t, sessions.Options{})
	var tokens, later []string
	for range before {
		tokens = append(tokens, a.login("ann"))
	}
	within := false
	a.store.Hook = func(op, _ string) {
		if op == "create" || within || len(later) > most {
			return
		}
		within = true
		later = append(later, a.login("ann"), a.login("ann"))
		within = false
	}
	want(t, "RevokeAll", a.RevokeAll(t.Context(), "ann"), nil)
	a.store.Hook = nil
	if len(later) > 4*before {
		t.Errorf("%d logins while %d sessions were ended", len(later), before)
	}
	for i, tok := range tokens {
		want(t, fmt.Sprint("session ", i), a.id(tok), "")
	}
	alive := 0
	for _, tok := range later {
		if a.id(tok) != "" {
			alive++
		}
	}
	ids, _ := list(a, "ann")
	want(t, "sessions listed", len(ids), alive)
	want(t, "sessions that began later are alive", alive > 0, true)
}

// TestR75_RevokeAllIsLinear counts the operations of the store.
func TestR75_RevokeAllIsLinear(t *testing.T) {
	for _, n := range []int{0, 1, 2000, 20_000} {
		a := newApp(t, sessions.Options{})
		for range n {
			a.login("ann")
		}
		other := a.login("bob")
		a.store.Ops()
		want(t, "RevokeAll", a.RevokeAll(t.Context(), "ann"), nil)
		ops := a.store.Ops()
		want(t, fmt.Sprint("deletes of ", n), strings.Count(ops, "delete"), n)
		want(t, fmt.Sprint("operations for ", n), len(strings.Fields(ops)), n+1)
		want(t, "records", a.kept(), 1)
		want(t, "the other user", a.see(other), `200 "bob" 0`)
	}
}
