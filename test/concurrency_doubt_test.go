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

// A save is in doubt if it failed and may have arrived all the same.

// lostThenDown fails the first operation of a name in one way, and every
// operation after it before it happens.
func lostThenDown(op string, how faultstore.Fault) func(int, string) faultstore.Fault {
	down := false
	return func(_ int, name string) faultstore.Fault {
		switch {
		case down:
			return faultstore.Before
		case name == op:
			down = true
			return how
		}
		return faultstore.None
	}
}

// inDoubt saves a session on a store that fails as lostThenDown says.
func (a *app) inDoubt(ctx context.Context, op string, how faultstore.Fault, s *sessions.Session) {
	a.t.Helper()
	a.store.Fault = lostThenDown(op, how)
	want(a.t, "the save in doubt is an error", s.Save(ctx) != nil, true)
	a.store.Fault = nil
}

// TestR79_SaveInDoubtIsMadeOnce: whatever the session does next settles the
// save first.
func TestR79_SaveInDoubtIsMadeOnce(t *testing.T) {
	const other = sessions.Key[int]("other")
	for next, tc := range map[string]struct {
		f      func(t testing.TB, w http.ResponseWriter, r *http.Request, s *sessions.Session)
		counts []string // one of them is right
	}{
		"Save": {func(t testing.TB, _ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			want(t, "Save", s.Save(r.Context()), nil)
		}, []string{"200 12"}},
		"Reload": {func(t testing.TB, _ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			want(t, "Reload", s.Reload(r.Context()), nil)
		}, []string{"200 12"}},
		"Claim": {func(t testing.TB, _ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			_, ok, err := other.Claim(r.Context(), s)
			want(t, "claimed", ok, true)
			want(t, "Claim", err, nil)
		}, []string{"200 12"}},
		"the response": {func(testing.TB, http.ResponseWriter, *http.Request, *sessions.Session) {}, []string{"200 12"}},
		"a Set of the value before": {func(_ testing.TB, _ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			_ = counter.Set(s, 1)
		}, []string{"200 1"}},
		"a server error": {func(_ testing.TB, w http.ResponseWriter, _ *http.Request, _ *sessions.Session) {
			w.WriteHeader(http.StatusInternalServerError)
		}, []string{"200 1", "200 2"}},
	} {
		for _, how := range []faultstore.Fault{faultstore.Before, faultstore.After, faultstore.Hang} {
			t.Run(fmt.Sprint(next, ", fault ", how), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a, b := fresh(t, sessions.Options{})
					b.visit(a, count)
					b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
						_, _ = counter.Update(s, func(n int) int { return n + 1 })
						a.inDoubt(r.Context(), "save", how, s)
						a.overtake(b, func(o *sessions.Session) { _ = other.Set(o, 1) })
						_, _ = counter.Update(s, func(n int) int { return n + 10 })
						tc.f(t, w, r, s)
					})
					got := b.with(a, read).get()
					for _, right := range tc.counts {
						if got == right {
							return
						}
					}
					t.Errorf("counter: got %s, want one of %q", got, tc.counts)
				})
			})
		}
	}
}

// TestR79_ReloadAfterASaveThatCannotBeSettled: if nine other writes hide
// whether the save arrived, the session stays usable.
func TestR79_ReloadAfterASaveThatCannotBeSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, count)
		worker, err := a.Open(t.Context(), b.token())
		want(t, "Open", err, nil)
		_ = worker.Set("x", 1)
		a.inDoubt(t.Context(), "save", faultstore.After, worker)
		for i := range 9 {
			a.overtake(b, func(s *sessions.Session) { _ = counter.Set(s, 100+i) })
		}
		_ = worker.Save(t.Context()) // may say that it does not know
		want(t, "Reload", worker.Reload(t.Context()), nil)
	})
}

// TestR74_SettlingUnderALogoutBuysNoToken: a save in doubt has arrived, and a
// logout followed it. Settling the save does not make the dead token live.
func TestR74_SettlingUnderALogoutBuysNoToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, signIn("ann"))
		thief := b.with(a, nil)
		resp := thief.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			subject := s.Subject()
			_ = s.Set("x", 1)
			a.inDoubt(r.Context(), "save", faultstore.After, s)
			b.visit(a, signIn("")) // a logout
			want(t, "Save of what has arrived", s.Save(r.Context()), nil)
			wantOver(t, "SetSubject", s.SetSubject(subject))
		})
		want(t, "Set-Cookie", cookieLine(resp), "")
		ids, errs := list(a, "ann")
		want(t, "sessions of ann", len(ids)+len(errs), 0)
	})
}

func TestR20_DestroyAfterAFirstSaveInDoubt(t *testing.T) {
	for name, how := range map[string]faultstore.Fault{"not made": faultstore.Before, "made": faultstore.After} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{})
				b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
					_ = s.SetSubject("ann")
					a.inDoubt(r.Context(), "create", how, s)
					s.Destroy()
				})
				want(t, "records", a.kept(), 0)
			})
		})
	}
}

// TestR20_DestroyAfterALoginInDoubtThatBeganASession: the login found its
// session revoked and may have begun another. Destroy ends the other one, too.
func TestR20_DestroyAfterALoginInDoubtThatBeganASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, count)
		b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			want(t, "Revoke", a.Revoke(r.Context(), s.ID()), nil)
			_ = s.SetSubject("ann")
			a.inDoubt(r.Context(), "create", faultstore.After, s)
			s.Destroy()
			want(t, "Save", s.Save(r.Context()), nil)
		})
		want(t, "records", a.kept(), 0)
	})
}

// TestR20_DestroyDuringALoginInDoubtThatBeginsASession: another goroutine ends
// the session while the login's record cannot be created.
func TestR20_DestroyDuringALoginInDoubtThatBeginsASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, count)
		b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			want(t, "Revoke", a.Revoke(r.Context(), s.ID()), nil)
			_ = s.SetSubject("ann")
			a.store.Fault = failing("create", faultstore.Before)
			a.during("create", s.Destroy)
			if err := s.Save(r.Context()); !errors.Is(err, sessions.ErrUnavailable) {
				t.Errorf("Save: %v, want ErrUnavailable", err)
			}
			a.store.Fault = nil
		})
		want(t, "records", a.kept(), 0)
	})
}
