package test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// outage makes the next write fail, and all that comes after it until the
// returned function is called.
func (a *app) outage(write faultstore.Fault) (end func()) {
	down := false
	a.store.Fault = func(_ int, op string) faultstore.Fault {
		switch {
		case down:
			return faultstore.Before
		case op == "save" || op == "create":
			down = true
			return write
		}
		return faultstore.None
	}
	return func() { a.store.Fault = nil }
}

// arrivals are what may have become of a write in doubt.
var arrivals = map[string]faultstore.Fault{"arrived": faultstore.After, "did not arrive": faultstore.Before}

// wantDoubt checks an error of a write in doubt.
func wantDoubt(t testing.TB, what string, err error) {
	t.Helper()
	if !errors.Is(err, sessions.ErrUnavailable) {
		t.Errorf("%s: %v, want ErrUnavailable", what, err)
	}
}

func increment(t testing.TB, s *sessions.Session) {
	t.Helper()
	if _, err := counter.Update(s, func(n int) int { return n + 1 }); err != nil {
		t.Error(err)
	}
}

// TestR79_WriteInDoubtIsSettledFirst: whatever the request does next finds out
// what became of the write. Each increment counts once.
func TestR79_WriteInDoubtIsSettledFirst(t *testing.T) {
	type step = func(t testing.TB, ctx context.Context, s *sessions.Session)
	saves := func(t testing.TB, ctx context.Context, s *sessions.Session) { want(t, "Save", s.Save(ctx), nil) }
	writes := map[string]struct {
		setup handler
		f     func(s *sessions.Session) error
		after string
	}{
		"a first write": {read, func(*sessions.Session) error { return nil }, `""`},
		"a first login": {read, func(s *sessions.Session) error { return s.SetSubject("ann") }, `"ann"`},
		"a write":       {signIn("ann"), func(*sessions.Session) error { return nil }, `"ann"`},
		"a renewal":     {signIn("ann"), (*sessions.Session).Renew, `"ann"`},
		"a login":       {count, func(s *sessions.Session) error { counter.Delete(s); return s.SetSubject("ann") }, `"ann"`},
		"a claim": {both(signIn("ann"), func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			_ = claimable.Set(s, "once")
		}), nil, `"ann"`},
	}
	for name, tc := range map[string]struct {
		next  step
		count int
	}{
		"the first byte":     {func(testing.TB, context.Context, *sessions.Session) {}, 1},
		"Save":               {saves, 1},
		"Save twice":         {func(t testing.TB, ctx context.Context, s *sessions.Session) { saves(t, ctx, s); saves(t, ctx, s) }, 1},
		"an increment":       {func(t testing.TB, _ context.Context, s *sessions.Session) { increment(t, s) }, 2},
		"an increment, Save": {func(t testing.TB, ctx context.Context, s *sessions.Session) { increment(t, s); saves(t, ctx, s) }, 2},
		"Reload":             {func(t testing.TB, ctx context.Context, s *sessions.Session) { want(t, "Reload", s.Reload(ctx), nil) }, 1},
		"an increment, Reload": {func(t testing.TB, ctx context.Context, s *sessions.Session) {
			increment(t, s)
			want(t, "Reload", s.Reload(ctx), nil)
		}, 2},
		"a claim of another key": {func(t testing.TB, ctx context.Context, s *sessions.Session) {
			_, ok, err := sessions.Key[int]("none").Claim(ctx, s)
			want(t, "claimed", ok, false)
			want(t, "error", err, nil)
		}, 1},
		"Renew": {func(t testing.TB, _ context.Context, s *sessions.Session) { want(t, "Renew", s.Renew(), nil) }, 1},
	} {
		for what, w := range writes {
			for became, fault := range arrivals {
				t.Run(fmt.Sprintf("%s, which %s, then %s", what, became, name), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						a, b := fresh(t, sessions.Options{})
						b.visit(a, w.setup)
						resp := b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
							end := a.outage(fault)
							if w.f == nil {
								increment(t, s)
								_, _, err := claimable.Claim(r.Context(), s)
								wantDoubt(t, "Claim", err)
							} else {
								want(t, "the change", w.f(s), nil)
								increment(t, s)
								wantDoubt(t, "Save", s.Save(r.Context()))
							}
							want(t, "Modified", s.Modified(), true)
							wantDoubt(t, "Save while the store is down", s.Save(r.Context()))
							wantDoubt(t, "Reload while the store is down", s.Reload(r.Context()))
							end()
							tc.next(t, r.Context(), s)
						})
						want(t, "status", resp.StatusCode, http.StatusOK)
						want(t, "what the token shows", a.see(b.token()), fmt.Sprintf("200 %s %d", w.after, tc.count))
						want(t, "records", a.kept(), 1)
					})
				})
			}
		}
	}
}

// TestR79_ChangeThatIsTakenBackIsWritten: the record may hold what the request
// has long taken back.
func TestR79_ChangeThatIsTakenBackIsWritten(t *testing.T) {
	for name, back := range map[string]func(s *sessions.Session){
		"by Set": func(s *sessions.Session) { _ = counter.Set(s, 1); s.Delete("more") },
		"by Update": func(s *sessions.Session) {
			_, _ = counter.Update(s, func(n int) int { return n - 1 })
			s.Delete("more")
		},
		"by ClearExcept": func(s *sessions.Session) { s.ClearExcept("counter"); _ = counter.Set(s, 1) },
	} {
		for became, fault := range arrivals {
			for moment, explicit := range map[string]bool{"Save": true, "the first byte": false} {
				t.Run(fmt.Sprintf("%s after a write that %s, with %s", name, became, moment), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						a, b := fresh(t, sessions.Options{})
						b.visit(a, both(count, signIn("ann")))
						b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
							end := a.outage(fault)
							increment(t, s)
							_ = s.Set("more", 1)
							wantDoubt(t, "Save", s.Save(r.Context()))
							back(s)
							want(t, "Modified", s.Modified(), true)
							end()
							if explicit {
								want(t, "Save", s.Save(r.Context()), nil)
							}
						})
						b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
							wantKeys(t, "the session", s, "counter")
							n, _ := counter.Get(s)
							want(t, "counter", n, 1)
						})
					})
				})
			}
		}
	}
}

// TestR79_OthersWriteBeforeItIsSettled: a write in doubt is neither made twice
// nor lost, whatever other requests have done to the session.
func TestR79_OthersWriteBeforeItIsSettled(t *testing.T) {
	for name, tc := range map[string]struct {
		other   handler
		after   string // what the session shows if the write arrived
		without string // what it shows if it did not
	}{
		"a write":   {count, `"ann" 3`, `"ann" 3`},
		"a renewal": {renewing, `"ann" 2`, `"ann" 2`},
		"a login":   {signIn("bob"), `"bob" 2`, `"bob" 1`},
		"a logout":  {signOut, `"" 0`, `"" 0`},
	} {
		for became, fault := range arrivals {
			t.Run(fmt.Sprintf("%s after a write that %s", name, became), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a, b := fresh(t, sessions.Options{})
					b.visit(a, both(count, signIn("ann")))
					other := b.with(a, read)
					var saved error
					resp := b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
						end := a.outage(fault)
						increment(t, s)
						wantDoubt(t, "Save", s.Save(r.Context()))
						end()
						want(t, "status of the other", other.visit(a, tc.other).StatusCode, http.StatusOK)
						saved = s.Save(r.Context())
					})
					want(t, "status", resp.StatusCode, http.StatusOK)
					after := tc.after
					if fault == faultstore.Before {
						after = tc.without
					}
					want(t, "what the other's token shows", a.see(other.token()), "200 "+after)
					lost := name == "a logout" || name == "a login" && fault == faultstore.Before
					want(t, "Save says that the session is over", errors.Is(saved, sessions.ErrNotFound), lost)
					if !lost {
						want(t, "Save", saved, nil)
					}
				})
			})
		}
	}
}
