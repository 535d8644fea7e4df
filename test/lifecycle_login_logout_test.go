package test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

func TestR18_ElevationKillsTheOldToken(t *testing.T) {
	for _, step := range []struct {
		name  string
		setup handler
		page  handler
		after string
	}{
		{"the same user again at once", both(count, signIn("ann")), signIn("ann"), `200 "ann" 1`},
		{"login", count, signIn("ann"), `200 "ann" 1`},
		{"change of user", both(count, signIn("bob")), signIn("ann"), `200 "ann" 1`},
		{"giving up the subject", both(count, signIn("bob")), signIn(""), `200 "" 1`},
		{"the same user again", both(count, signIn("ann")), both(signIn(""), signIn("ann")), `200 "ann" 1`},
		{"login and renewal", count, both(signIn("ann"), renewing), `200 "ann" 1`},
	} {
		t.Run(step.name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(step.setup)
			b.get()
			old := b.token()
			oldID := a.id(old)
			resp := b.visit(a, step.page)
			want(t, "status", resp.StatusCode, http.StatusOK)
			want(t, "Set-Cookie lines", len(resp.Header.Values("Set-Cookie")), 1)
			if b.token() == old {
				t.Error("the token is not new")
			}
			want(t, "the id stays", a.id(b.token()), oldID)
			want(t, "the old token", a.see(old), `200 "" 0`)
			want(t, "the new token", a.see(b.token()), step.after)
		})
	}
}

func TestR70_ValuesSurviveRenewalAndLogin(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		_ = counter.Set(s, 7)
		_ = s.Set("cart", []string{"tea", "milk"})
	})
	b.get()
	for _, page := range []handler{renewing, signIn("ann"), renewing, signIn("bob")} {
		b.visit(a, page)
		b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			var cart []string
			_, err := s.Get("cart", &cart)
			want(t, "error", err, nil)
			want(t, "cart", strings.Join(cart, " "), "tea milk")
			n, _ := counter.Get(s)
			want(t, "counter", n, 7)
		})
	}
}

// TestR19_KilledLoginLeavesNoOldTokenLoggedIn kills the process after each
// store operation of a login in turn.
func TestR19_KilledLoginLeavesNoOldTokenLoggedIn(t *testing.T) {
	for alive := range 6 {
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		b.get()
		old := b.token()
		a.store.Ops()
		a.store.Fault = func(n int, _ string) faultstore.Fault {
			if n > alive {
				return faultstore.Before
			}
			return faultstore.None
		}
		status := b.visit(a, both(signIn("ann"), func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			_ = counter.Set(s, 99)
		})).StatusCode
		a.store.Fault = nil
		if got := a.see(old); got != `200 "" 0` && got != `200 "" 1` {
			t.Errorf("dead after %d operations: the old token shows %s", alive, got)
		}
		if status == http.StatusOK {
			want(t, "the new token of a login that was answered", a.see(b.token()), `200 "ann" 99`)
		}
	}
}

func TestR20_DestroyAlwaysHappens(t *testing.T) {
	for name, page := range map[string]handler{
		"return": signOut,
		"status 500": func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			s.Destroy()
			http.Error(w, "oops", http.StatusInternalServerError)
		},
		"panic": func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			s.Destroy()
			panic("oops")
		},
		"abort": func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			s.Destroy()
			panic(http.ErrAbortHandler)
		},
		"after the response began": func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			_, _ = fmt.Fprint(w, "bye")
			s.Destroy()
		},
	} {
		for _, gone := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, client gone %t", name, gone), func(t *testing.T) {
				a := newApp(t, sessions.Options{})
				b := a.browser(both(count, signIn("ann")))
				b.get()
				old := b.token()
				a.kinds()
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				b.h = a.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
					if gone {
						cancel()
					}
					page(w, r, s)
				}))
				func() {
					defer func() {
						if p := recover(); (p != nil) != (name == "panic" || name == "abort") {
							t.Errorf("panic %v", p)
						}
					}()
					resp := b.do(httptest.NewRequestWithContext(ctx, "POST", "/", nil))
					if !strings.HasPrefix(name, "after") && !strings.Contains(cookieLine(resp), "Max-Age=0") {
						t.Errorf("no removal cookie: %q", cookieLine(resp))
					}
				}()
				want(t, "the old token", a.see(old), `200 "" 0`)
				want(t, "records", a.kept(), 0)
				want(t, "events", a.kinds(), "destroyed expired")
			})
		}
	}
}

func TestR20_FailedLogoutDoesNotSayGoodbye(t *testing.T) {
	for _, op := range []string{"load", "delete"} {
		t.Run(op, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(both(count, signIn("ann")))
			b.get()
			old := b.token()
			a.store.Fault = failing(op, faultstore.Before)
			wantDown(t, "logout", b.visit(a, signOut))
			want(t, "the browser's token", b.token(), old)
			a.store.Fault = nil
			want(t, "logout again", text(b.visit(a, signOut)), "200 bye")
			want(t, "the old token", a.see(old), `200 "" 0`)
		})
	}
}

func TestR20_LogoutOfNobody(t *testing.T) {
	a := newApp(t, sessions.Options{})
	resp := a.browser(count).visit(a, signOut)
	want(t, "reply", text(resp), "200 bye")
	want(t, "Set-Cookie", cookieLine(resp), "")
	want(t, "store calls", a.store.Ops(), "")
}

func TestR20_LoginAfterLogoutInOneRequest(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(both(count, signIn("ann")))
	b.get()
	old := b.token()
	resp := b.visit(a, both(signOut, signIn("bob")))
	want(t, "Set-Cookie lines", len(resp.Header.Values("Set-Cookie")), 1)
	want(t, "the old token", a.see(old), `200 "" 0`)
	want(t, "the new token", a.see(b.token()), `200 "bob" 0`)
	want(t, "records", a.kept(), 1)
}

// TestR20_LogoutFollowsARenewalBeforeIt: the other tab has the new token. After
// another login the old token is dead, and the visitor is told so.
func TestR20_LogoutFollowsARenewalBeforeIt(t *testing.T) {
	for name, renewal := range map[string]handler{"renewal": renewing, "login of the same user": signIn("ann")} {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, both(count, signIn("ann")))
		tab := b.with(a, read)
		b.visit(a, renewal)
		old := tab.token()
		want(t, name+": another token", b.token() != old, true)
		if name != "renewal" {
			want(t, name+": the old token reads nothing", a.see(old), `200 "" 0`)
			want(t, name+": reply", text(tab.visit(a, signOut)), "409 Conflict")
			want(t, name+": the session", a.see(b.token()), `200 "ann" 1`)
			continue
		}
		want(t, name+": reply", text(tab.visit(a, signOut)), "200 bye")
		want(t, name+": after the logout", a.see(b.token()), `200 "" 0`)
	}
}
