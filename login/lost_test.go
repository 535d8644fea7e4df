package login_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions/login"
)

// TestResponseThatIsLost with the new token of a renewal signs nobody out.
func TestResponseThatIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, login.Options{})
		b := a.browser()
		annSignedIn(b)
		a.store.Ops()
		lost := b.copy()
		want(t, "renewal", lost.renew(), "200 renewed")
		want(t, "operations", a.store.Ops(), "load save")
		for range 3 {
			time.Sleep(10 * time.Minute)
			want(t, "who", b.who(), "ann")
		}
		want(t, "a login again", b.signIn("ann", login.Details{}), "200 hello ann")
		want(t, "who", b.who(), "ann")
		want(t, "the lost token", lost.who(), "nobody")
	})
}
