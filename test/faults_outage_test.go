package test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// TestOutageShorterThanSaveTimeoutLosesNothing: the store fails from when the
// session is loaded on.
func TestOutageShorterThanSaveTimeoutLosesNothing(t *testing.T) {
	const timeout = 5 * time.Second
	for name, tc := range map[string]struct {
		setup, page handler
		reply, next string // and what a read shows then
	}{
		"save":   {count, count, "200 2", "200 2"},
		"create": {read, count, "200 1", "200 1"},
		"login":  {count, signIn("ann"), "200 hello ann", "200 1"},
		"renew":  {count, renewing, "200 renewed", "200 1"},
		"logout": {count, signOut, "200 bye", "200 0"},
	} {
		for _, outage := range []time.Duration{timeout / 50, timeout / 2, timeout * 3 / 4, timeout * 19 / 20} {
			t.Run(fmt.Sprint(name, " for ", outage), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a := newApp(t, sessions.Options{SaveTimeout: timeout})
					b := a.browser(tc.setup)
					b.get()
					var began time.Time
					a.store.Fault = func(_ int, op string) faultstore.Fault {
						switch {
						case began.IsZero() && op == "load": // of the session
						case began.IsZero():
							began = time.Now()
							return faultstore.Before
						case time.Since(began) < outage:
							return faultstore.Before
						}
						return faultstore.None
					}
					want(t, "reply", text(b.visit(a, tc.page)), tc.reply)
					if took := time.Since(began); took < outage || took > timeout {
						t.Errorf("it took %v", took)
					}
					a.store.Fault = nil
					want(t, "afterwards", text(b.visit(a, read)), tc.next)
				})
			})
		}
	}
}
