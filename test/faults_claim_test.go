package test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// TestR79_ClaimInDoubtIsHandedOver: to this request if its claim arrived, and
// never to two.
func TestR79_ClaimInDoubtIsHandedOver(t *testing.T) {
	claim := func(t *testing.T, what string, ctx context.Context, s *sessions.Session, value string) {
		t.Helper()
		v, ok, err := claimable.Claim(ctx, s)
		want(t, what+": value", v, value)
		want(t, what+": ok", ok, value != "")
		want(t, what+": error", err, nil)
	}
	settled := map[string]func(t *testing.T, ctx context.Context, s *sessions.Session){
		"at once":                  func(*testing.T, context.Context, *sessions.Session) {},
		"after Save":               func(t *testing.T, ctx context.Context, s *sessions.Session) { want(t, "Save", s.Save(ctx), nil) },
		"after Reload":             func(t *testing.T, ctx context.Context, s *sessions.Session) { want(t, "Reload", s.Reload(ctx), nil) },
		"after an increment":       func(t *testing.T, _ context.Context, s *sessions.Session) { increment(t, s) },
		"after a claim in vain":    func(t *testing.T, ctx context.Context, s *sessions.Session) { _, _, _ = counter.Claim(ctx, s) },
		"after a value of its own": func(t *testing.T, _ context.Context, s *sessions.Session) { _ = s.Set("other", 1) },
	}
	for name, settle := range settled {
		for became, fault := range arrivals {
			for who, between := range map[string]bool{"nobody": false, "another request": true} {
				t.Run(fmt.Sprintf("%s, a claim that %s, with %s in between", name, became, who), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						a, b := fresh(t, sessions.Options{})
						b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
							_ = claimable.Set(s, "once")
						})
						mine, others := "once", ""
						if between && fault == faultstore.Before {
							mine, others = "", "once"
						}
						other := b.with(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
							claim(t, "the other's claim", r.Context(), s, others)
						})
						resp := b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
							end := a.outage(fault)
							_, ok, err := claimable.Claim(r.Context(), s)
							want(t, "claimed", ok, false)
							wantDoubt(t, "Claim", err)
							end()
							if between {
								other.get()
							}
							settle(t, r.Context(), s)
							claim(t, "the second claim", r.Context(), s, mine)
							claim(t, "the third claim", r.Context(), s, "")
						})
						want(t, "status", resp.StatusCode, http.StatusOK)
						b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
							claim(t, "a later claim", r.Context(), s, "")
						})
					})
				})
			}
		}
	}
}

// TestR79_ClaimInDoubtThatAnotherRequestWon: what the request has changed
// besides is saved.
func TestR79_ClaimInDoubtThatAnotherRequestWon(t *testing.T) {
	for name, explicit := range map[string]bool{"with Save": true, "with the first byte": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{})
				b.visit(a, both(count, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
					_ = claimable.Set(s, "once")
				}))
				other := b.with(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
					_, ok, _ := claimable.Claim(r.Context(), s)
					want(t, "the other's claim", ok, true)
				})
				resp := b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
					end := a.outage(faultstore.Before)
					increment(t, s)
					_, _, err := claimable.Claim(r.Context(), s)
					wantDoubt(t, "Claim", err)
					end()
					if other.get(); explicit {
						want(t, "Save", s.Save(r.Context()), nil)
						want(t, "Modified", s.Modified(), false)
					}
				})
				want(t, "status", resp.StatusCode, http.StatusOK)
				b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
					wantKeys(t, "the session", s, "counter")
				})
				want(t, "counter", a.see(b.token()), `200 "" 2`)
			})
		})
	}
}

// TestR79_DestroyAfterAWriteInDoubtLeavesNoRecord: not that of the write either.
func TestR79_DestroyAfterAWriteInDoubtLeavesNoRecord(t *testing.T) {
	for what, w := range map[string]struct {
		setup handler
		f     func(s *sessions.Session) error
		event string
	}{
		"a first write":            {read, func(s *sessions.Session) error { return counter.Set(s, 2) }, ""},
		"a first login":            {read, func(s *sessions.Session) error { return s.SetSubject("ann") }, ""},
		"a write":                  {both(count, signIn("ann")), func(s *sessions.Session) error { return counter.Set(s, 2) }, "destroyed"},
		"a renewal":                {both(count, signIn("ann")), (*sessions.Session).Renew, "destroyed"},
		"a login":                  {count, func(s *sessions.Session) error { return s.SetSubject("ann") }, "destroyed"},
		"a login as the same user": {both(count, signIn("ann")), func(s *sessions.Session) error { return s.SetSubject("ann") }, "destroyed"},
	} {
		for became, fault := range arrivals {
			for _, down := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s that %s, store down at first %t", what, became, down), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						a, b := fresh(t, sessions.Options{})
						b.visit(a, w.setup)
						old := b.token()
						resp := b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
							end := a.outage(fault)
							want(t, "the change", w.f(s), nil)
							wantDoubt(t, "Save", s.Save(r.Context()))
							if s.Destroy(); down {
								wantDoubt(t, "Save of the end", s.Save(r.Context()))
							}
							a.kinds()
							end()
							_ = s.Set("next", 1)
						})
						want(t, "status", resp.StatusCode, http.StatusOK)
						event := w.event
						if fault == faultstore.After {
							event = "destroyed"
						}
						want(t, "events", a.kinds(), map[string]string{"": "created", "destroyed": "destroyed created"}[event])
						want(t, "records", a.kept(), 1) // the next one's
						want(t, "the token before", a.id(old), "")
						ids, _ := list(a, "ann")
						want(t, "listed", len(ids), 0)
						b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
							wantKeys(t, "the next session", s, "next")
						})
					})
				})
			}
		}
	}
}
