package login_test

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/login"
)

// faultAll makes all operations fail.
func faultAll() func(int, string) faultstore.Fault {
	return func(int, string) faultstore.Fault { return faultstore.Before }
}

// step is one request whose store operations are made to fail in turn.
type step struct {
	name  string
	setup func(*browser)
	do    func(a *app, r *http.Request) error
	// Who the visitor is, by the browser's cookie before and after.
	before, after string
	fresh         bool // the old token must be nobody's after success
	left          int  // sessions of ann after success, at most; 0: 2
}

func signInAs(name string) func(*app, *http.Request) error {
	return func(a *app, r *http.Request) error {
		u, err := a.Authenticate(r.Context(), password{name, name + "'s"})
		if err != nil {
			return err
		}
		return a.Login(r.Context(), u, login.Details{})
	}
}

func asAnn(f func(a *app, r *http.Request, u user) error) func(*app, *http.Request) error {
	return func(a *app, r *http.Request) error {
		u, ok, err := a.User(r.Context())
		if err == nil && !ok {
			err = login.ErrAnonymous
		}
		if err != nil {
			return err
		}
		return f(a, r, u)
	}
}

var steps = []step{
	{"first login", func(*browser) {}, signInAs("ann"), "nobody", "ann", true, 0},
	{"login of somebody with a session", func(b *browser) { b.set("cart", "tea") }, signInAs("ann"), "nobody", "ann", true, 0},
	{"login as somebody else", annSignedIn, signInAs("bob"), "ann", "bob", true, 0},
	{"login again", annSignedIn, signInAs("ann"), "ann", "ann", true, 0},
	{"login on another device", func(b *browser) { annSignedInTwice(b.a.browser()) }, signInAs("ann"), "nobody", "ann", true, 0},
	{"confirmation", annSignedIn, asAnn(func(a *app, r *http.Request, u user) error { return a.Confirm(r.Context(), u) }), "ann", "ann", true, 0},
	{"change of password", annSignedIn, asAnn(func(a *app, r *http.Request, u user) error {
		u.Password = "new"
		return a.changeAuthHash(r.Context(), u)
	}), "ann", "ann", true, 0},
	{"logout", annSignedIn, func(a *app, r *http.Request) error { return a.Logout(r.Context()) }, "ann", "nobody", true, 0},
	{"logout everywhere", annSignedIn, asAnn(func(a *app, r *http.Request, u user) error { return a.RevokeAll(r.Context(), u) }), "ann", "nobody", true, 0},
	{"logout of another device", annSignedInTwice, asAnn(func(a *app, r *http.Request, u user) error {
		devices, err := a.Devices(r.Context(), u)
		for _, d := range devices {
			if !d.Current && err == nil {
				err = a.Revoke(r.Context(), u, d.ID)
			}
		}
		return err
	}), "ann", "ann", false, 1},
	{"logout of all others", annSignedInTwice, asAnn(func(a *app, r *http.Request, _ user) error { return a.RevokeOthers(r.Context()) }), "ann", "ann", false, 1},
	{"visit after a change of password elsewhere", func(b *browser) {
		annSignedIn(b)
		b.a.users.set("ann", user{Name: "ann", Password: "new"})
	}, func(a *app, r *http.Request) error { _, _, err := a.User(r.Context()); return err }, "nobody", "nobody", true, 0},
}

func annSignedInTwice(b *browser) {
	annSignedIn(b)
	annSignedIn(b.a.browser())
}

func annSignedIn(b *browser) { want(b.t(), "setup", b.signIn("ann", login.Details{}), "200 hello ann") }

// outages are the ways in which the k-th operation of a request fails, and
// what happens to those after it: the last is a process that is killed.
var outages = []struct {
	name      string
	kth, rest faultstore.Fault
}{
	{"fails", faultstore.Before, faultstore.None},
	{"loses its answer", faultstore.After, faultstore.None},
	{"and all after it fail", faultstore.Before, faultstore.Before},
	{"is the last that arrives", faultstore.After, faultstore.Before},
	{"and all after it lose their answers", faultstore.After, faultstore.After},
	{"hangs", faultstore.Hang, faultstore.None},
	{"and all after it hang", faultstore.Hang, faultstore.Hang},
}

// TestFailureOfAnyStoreOperation: there is no state in which an old token is
// somebody's whom it was not, nothing is acknowledged that is not so, and no
// logout is undone (R18 to R20). The user's own password is always right.
func TestFailureOfAnyStoreOperation(t *testing.T) {
	for _, st := range steps {
		for _, out := range outages {
			for k, failed := 1, true; failed; k++ {
				t.Run(fmt.Sprintf("%s/operation %d %s", st.name, k, out.name), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { failed = failStep(t, st, k, out.kth, out.rest) })
				})
			}
		}
	}
}

// failStep reports whether there was a k-th operation to fail.
func failStep(t *testing.T, st step, k int, kth, rest faultstore.Fault) bool {
	a := newApp(t, login.Options{MaxSessions: 2})
	b := a.browser()
	st.setup(b)
	old := b.copy()
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
	reply := b.post(func(r *http.Request) (string, error) { return "done", st.do(a, r) })
	a.store.Fault = nil
	ops := a.store.Ops()
	now, was := b.who(), old.copy().who()

	switch reply {
	case "200 done":
		want(t, "who the visitor is after a success", now, st.after)
		if st.fresh {
			want(t, "whose the old token is after a success", was, "nobody")
		}
	case "503 Service Unavailable": // which does not say that nothing was done
		if now != st.before && now != "nobody" && now != st.after {
			t.Errorf("after a failure the visitor is %s", now)
		}
	default:
		t.Errorf("reply %s", reply)
	}
	if was != st.before && was != "nobody" {
		t.Errorf("the old token is %s's", was)
	}
	if n, most := a.countSessions("ann"), cmp.Or(st.left, 2); n > most && reply == "200 done" {
		t.Errorf("%d sessions, %d are allowed", n, most)
	}
	want(t, "a login afterwards", b.signIn("bob", login.Details{}), "200 hello bob")
	if was == "nobody" {
		want(t, "whose the old token is later", old.copy().who(), "nobody")
	}
	if t.Failed() {
		t.Logf("reply %s, operations %s", reply, strings.TrimSpace(ops))
	}
	return failed
}

// countSessions returns how many live sessions a user has.
func (a *app) countSessions(name string) (n int) {
	for _, err := range a.sessions.List(a.t.Context(), name) {
		if err != nil {
			a.t.Error(err)
		}
		n++
	}
	return n
}
