package test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
)

// TestR72_RenewEveryRenewsTheCurrentToken: with the first response that begins
// when the token is old enough, and with no other.
func TestR72_RenewEveryRenewsTheCurrentToken(t *testing.T) {
	const every = 20 * time.Minute
	passive := func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { s.Passive() }
	for name, tc := range map[string]struct {
		age     time.Duration
		page    handler
		renewed bool
		ops     string
	}{
		"a read before it is due":     {every - time.Millisecond, read, false, "load touch"},
		"a read":                      {every, read, true, "load save"},
		"a write":                     {every, count, true, "load save"},
		"a passive read":              {every, both(passive, read), false, "load"},
		"a passive write":             {every, both(passive, count), false, "load save"},
		"a page that leaves it alone": {every, nil, false, ""},
		"a server error": {every, func(w http.ResponseWriter, _ *http.Request, _ *sessions.Session) {
			w.WriteHeader(http.StatusInternalServerError)
		}, false, "load"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{RenewEvery: every})
				b.visit(a, both(count, signIn("ann")))
				old := b.token()
				<-time.After(tc.age)
				a.store.Ops()
				if tc.page == nil {
					b.h = a.Handler(http.HandlerFunc(hello))
					b.get()
				} else {
					b.visit(a, tc.page)
				}
				want(t, "store calls", a.store.Ops(), tc.ops)
				want(t, "the token is new", b.token() != old, tc.renewed)
				want(t, "the token works", strings.HasPrefix(a.see(b.token()), `200 "ann"`), true)
				want(t, "the token before works, too", strings.HasPrefix(a.see(old), `200 "ann"`), true)
			})
		})
	}
	t.Run("after the first byte", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{RenewEvery: every})
			b.visit(a, both(count, signIn("ann")))
			old := b.token()
			<-time.After(every)
			a.kinds()
			for _, page := range []handler{read, count} {
				b.h = a.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					flush(t, w)
					sessions.HandlerFunc(page)(w, r)
				}))
				b.get()
			}
			want(t, "events", a.kinds(), "")
			want(t, "the browser's token", b.token(), old)
			resp := b.visit(a, read)
			want(t, "the next read", text(resp), "200 2")
			want(t, "its token is new", b.token() != old, true)
		})
	})
	t.Run("again and again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{RenewEvery: every})
			b.visit(a, both(count, signIn("ann")))
			for range 9 {
				old := b.token()
				<-time.After(every)
				b.visit(a, read)
				want(t, "the token is new", b.token() != old, true)
			}
			want(t, "the token works", a.see(b.token()), `200 "ann" 1`)
		})
	})
	_, err := sessions.New(newApp(t, sessions.Options{}).store, sessions.Options{RenewEvery: -1, RenewGrace: -1})
	if err == nil || !strings.Contains(err.Error(), "RenewEvery") || !strings.Contains(err.Error(), "RenewGrace") {
		t.Errorf("New with negative times: %v", err)
	}
}
