package test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

const secretBody = "SECRET-BODY"

// claimable is what the claim scenarios are about.
const claimable = sessions.Key[string]("nonce")

// scenario is one request whose store operations are made to fail in turn.
type scenario struct {
	name  string
	setup handler // nil: a visitor without a session
	page  handler
	// What whoami shows, by the browser's cookie before and after.
	before, after string
	rotates       bool // the old token must not be alive after success
	renews        bool // the old token must not be alive after success and RenewGrace
	elevates      bool // the old token must never be somebody's
	ends          bool // no token may be alive after success
}

// quietly makes changes without a word; the body comes after.
func quietly(f func(r *http.Request, s *sessions.Session) error) handler {
	return func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		w.Header().Set("X-Secret", secretBody)
		if err := f(r, s); err != nil {
			w.Header().Del("X-Secret")
			sessions.DefaultErrorHandler(w, r, err)
			return
		}
		_, _ = fmt.Fprint(w, secretBody)
	}
}

func setTo(n int) func(*http.Request, *sessions.Session) error {
	return func(_ *http.Request, s *sessions.Session) error { return counter.Set(s, n) }
}

var scenarios = []scenario{
	{name: "first write", page: quietly(setTo(1)), before: `"" 0`, after: `"" 1`},
	{name: "first login", page: quietly(func(_ *http.Request, s *sessions.Session) error {
		return s.SetSubject("ann")
	}), before: `"" 0`, after: `"ann" 0`},
	{name: "later write", setup: count, page: quietly(func(_ *http.Request, s *sessions.Session) error {
		_, err := counter.Update(s, func(n int) int { return n + 1 })
		return err
	}), before: `"" 1`, after: `"" 2`},
	{name: "explicit save", setup: count, page: quietly(func(r *http.Request, s *sessions.Session) error {
		if _, err := counter.Update(s, func(n int) int { return n + 1 }); err != nil {
			return err
		}
		return s.Save(r.Context())
	}), before: `"" 1`, after: `"" 2`},
	{name: "renewal of nobody's", setup: count, page: quietly(func(_ *http.Request, s *sessions.Session) error {
		return s.Renew()
	}), before: `"" 1`, after: `"" 1`, renews: true},
	{name: "renewal of somebody's", setup: both(count, signIn("ann")), page: quietly(func(_ *http.Request, s *sessions.Session) error {
		_ = counter.Set(s, 2)
		return s.Renew()
	}), before: `"ann" 1`, after: `"ann" 2`, renews: true},
	{name: "login", setup: count, page: quietly(func(_ *http.Request, s *sessions.Session) error {
		_ = counter.Set(s, 2)
		return s.SetSubject("ann")
	}), before: `"" 1`, after: `"ann" 2`, rotates: true, elevates: true},
	{name: "logout", setup: both(count, signIn("ann")), page: quietly(func(_ *http.Request, s *sessions.Session) error {
		s.Destroy()
		return nil
	}), before: `"ann" 1`, after: `"" 0`, rotates: true, ends: true},
	{name: "logout and login", setup: both(count, signIn("ann")), page: quietly(func(_ *http.Request, s *sessions.Session) error {
		s.Destroy()
		return s.SetSubject("bob")
	}), before: `"ann" 1`, after: `"bob" 0`, rotates: true},
	{name: "claim", setup: both(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		_ = claimable.Set(s, "once")
	}, count), page: quietly(claimNonce), before: `"" 1`, after: `"" 2`},
	{name: "claim of all there is", setup: func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		_ = claimable.Set(s, "once")
	}, page: quietly(func(r *http.Request, s *sessions.Session) error {
		_, _, err := claimable.Claim(r.Context(), s)
		return err
	}), before: `"" 0`, after: `"" 0`},
	{name: "emptied", setup: count, page: quietly(func(_ *http.Request, s *sessions.Session) error {
		counter.Delete(s)
		return nil
	}), before: `"" 1`, after: `"" 0`},
}

// claimNonce counts a claim that succeeded, at the same time.
func claimNonce(r *http.Request, s *sessions.Session) error {
	if _, err := counter.Update(s, func(n int) int { return n + 1 }); err != nil {
		return err
	}
	_, ok, err := claimable.Claim(r.Context(), s)
	if err == nil && !ok {
		err = fmt.Errorf("the nonce is gone: %w", sessions.ErrNotFound)
	}
	return err
}

// outages are the ways in which the k-th operation of a request fails, and
// what happens to those after it.
var outages = []struct {
	name    string
	kth     faultstore.Fault
	rest    faultstore.Fault
	passing bool // the store is well again at once
}{
	{"fails", faultstore.Before, faultstore.None, true},
	{"loses its answer", faultstore.After, faultstore.None, true},
	{"fails and so do all after it", faultstore.Before, faultstore.Before, false},
	{"is the last that arrives, its answer is lost", faultstore.After, faultstore.Before, false},
	{"and all after it lose their answers", faultstore.After, faultstore.After, false},
}

// TestFaultMatrix fails each store operation of each scenario in each way.
// Invariants: I1 no session comes back, I4 no old token is elevated, I5 an
// acknowledged logout is final, I6 no success is reported that is not stored.
func TestFaultMatrix(t *testing.T) { faultMatrix(t, false) }

// TestFaultMatrixOfExchanges is the same without Manager.Handler.
func TestFaultMatrixOfExchanges(t *testing.T) { faultMatrix(t, true) }

func faultMatrix(t *testing.T, exchanges bool) {
	for _, sc := range scenarios {
		for _, out := range outages {
			for k := 1; ; k++ {
				failed := false
				t.Run(fmt.Sprintf("%s/operation %d %s", sc.name, k, out.name), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						failed = runMatrix(t, exchanges, sc, k, out.kth, out.rest, out.passing)
					})
				})
				if !failed {
					break
				}
			}
		}
	}
}

// runMatrix reports whether there was a k-th operation to fail.
func runMatrix(t *testing.T, exchanges bool, sc scenario, k int, kth, rest faultstore.Fault, passing bool) bool {
	a := newApp(t, sessions.Options{})
	a.exchanges = exchanges
	b := a.browser(sc.setup)
	if sc.setup != nil {
		b.get()
	}
	old := b.token()
	a.store.Ops()
	failed := false
	a.store.Fault = func(n int, _ string) faultstore.Fault {
		failed = failed || n >= k
		switch {
		case n < k:
			return faultstore.None
		case n == k:
			return kth
		}
		return rest
	}
	resp := b.visit(a, sc.page)
	a.store.Fault = nil
	ops := a.store.Ops()
	reply := text(resp)
	now := b.token()
	seenOld, seenNow := a.see(old), a.see(now)
	dead := a.id(old) == ""
	before, after, nothing := "200 "+sc.before, "200 "+sc.after, `200 "" 0`

	switch {
	case resp.StatusCode == http.StatusOK:
		want(t, "reply", reply, "200 "+secretBody)
		want(t, "what a success has stored", seenNow, after)
		if sc.rotates {
			want(t, "the old token is dead after a success", dead, true)
		}
		if sc.ends {
			want(t, "the browser's cookie after a success", now, "")
		}
	default:
		want(t, "reply", reply, "503 Service Unavailable")
		want(t, "Retry-After", resp.Header.Get("Retry-After"), "5")
		want(t, "Set-Cookie of a failure", cookieLine(resp), "")
		want(t, "headers of the handler", resp.Header.Get("X-Secret"), "")
		if seenNow != before && seenNow != nothing && (sc.rotates || seenNow != after) {
			t.Errorf("after a failure the session shows %s, neither %s nor %s nor nothing", seenNow, before, after)
		}
		if passing && !sc.ends && sc.name != "logout and login" && seenNow == nothing && before != nothing {
			t.Errorf("one fault lost the session")
		}
	}
	if sc.elevates && seenOld != before && seenOld != nothing {
		t.Errorf("the old token shows %s", seenOld)
	}
	<-time.After(10 * time.Second) // RenewGrace
	if sc.renews && resp.StatusCode == http.StatusOK {
		want(t, "the old token is dead after a success and RenewGrace", a.id(old), "")
		want(t, "the new token after RenewGrace", a.see(now), after)
	}
	// The visitor can go on, and an ended session stays ended.
	if got := text(b.visit(a, count)); !strings.HasPrefix(got, "200 ") {
		t.Errorf("the next request: %s", got)
	}
	if dead {
		want(t, "the old token, later", a.id(old), "")
	}
	if t.Failed() {
		t.Logf("reply %s, operations %s, then %s", reply, ops, a.store.Ops())
	}
	return failed
}
