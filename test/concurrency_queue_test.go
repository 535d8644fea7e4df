package test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
)

// far makes every operation of the store take a while.
func (a *app) far(trip time.Duration) { a.store.Hook = func(string, string) { <-time.After(trip) } }

// TestR76_RetriesQueue: requests that met a conflict take turns, so each of
// them costs a load, a save that is too late, and one that is not.
func TestR76_RetriesQueue(t *testing.T) {
	for _, n := range []int{2, 20, 200, 800} {
		for name, page := range map[string]handler{
			"increments":              count,
			"increments and renewals": both(count, renewing),
			"saves within handlers":   both(count, saving(t, nil, func(*sessions.Session) error { return nil })),
		} {
			t.Run(fmt.Sprint(n, " ", name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a, b := fresh(t, sessions.Options{})
					b.visit(a, both(count, signIn("ann")))
					a.far(time.Millisecond)
					a.store.Ops()
					began := time.Now()
					for i, reply := range parallel(a, b, n, func(int) handler { return page }) {
						if !strings.HasPrefix(reply, "200") {
							t.Fatalf("request %d: %s", i, reply)
						}
					}
					ops := len(strings.Fields(a.store.Ops()))
					if limit := n*7/2 + 1; ops > limit {
						t.Errorf("%d operations, want at most %d", ops, limit)
					}
					if took, limit := time.Since(began), time.Duration(n+3)*time.Millisecond; took > limit {
						t.Errorf("took %v, want at most %v", took, limit)
					}
					want(t, "counter", a.see(b.token()), fmt.Sprintf(`200 "ann" %d`, n+1))
				})
			})
		}
	}
}

// TestR76_LateComersQueue: requests that arrive while others queue do not make
// them try again, nor do they try in vain themselves.
func TestR76_LateComersQueue(t *testing.T) {
	const n, limit = 200, 200 * 5 / 2
	for _, pause := range []time.Duration{100 * time.Microsecond, 400 * time.Microsecond, 900 * time.Microsecond} {
		synctest.Test(t, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			b.visit(a, count)
			a.far(time.Millisecond)
			a.store.Ops()
			var all sync.WaitGroup
			for range n {
				<-time.After(pause)
				c := b.with(a, count)
				all.Go(func() { want(t, "status", c.get()[:3], "200") })
			}
			all.Wait()
			if ops := len(strings.Fields(a.store.Ops())); ops > limit {
				t.Errorf("one in %v: %d operations, want at most %d", pause, ops, limit)
			}
			want(t, "counter", b.with(a, read).get(), fmt.Sprint("200 ", n+1))
		})
	}
}

// TestR76_SessionsQueueApart: requests of one session do not wait for those
// of another, and reads wait for nobody.
func TestR76_SessionsQueueApart(t *testing.T) {
	const n, trip = 100, time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		visitors := [3]*browser{a.browser(count), a.browser(count), a.browser(count)}
		for _, b := range visitors {
			b.get()
		}
		a.far(trip)
		began := time.Now()
		var all sync.WaitGroup
		for _, b := range visitors {
			all.Go(func() { parallel(a, b, n, func(int) handler { return count }) })
		}
		<-time.After(20*trip + trip/2) // they are queueing
		before := time.Now()
		visitors[0].with(a, read).get()
		want(t, "time of a read", time.Since(before), trip)
		all.Wait()
		if took := time.Since(began); took > (n+3)*trip {
			t.Errorf("took %v", took)
		}
		for _, b := range visitors {
			want(t, "counter", b.with(a, read).get(), fmt.Sprint("200 ", n+1))
		}
	})
}
