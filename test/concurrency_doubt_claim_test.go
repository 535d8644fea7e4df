package test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// claimInDoubt claims a value while the store fails as lostThenDown says.
func claimInDoubt(a *app, r *http.Request, s *sessions.Session, k sessions.Key[string], how faultstore.Fault) {
	a.t.Helper()
	a.store.Fault = lostThenDown("save", how)
	if _, _, err := k.Claim(r.Context(), s); !errors.Is(err, sessions.ErrUnavailable) {
		a.t.Errorf("Claim in doubt: %v, want ErrUnavailable", err)
	}
	a.store.Fault = nil
}

// TestR79_ClaimInDoubtThatAnotherGot: the claim did not arrive, and another
// request has the value. Later saves and the response are no errors.
func TestR79_ClaimInDoubtThatAnotherGot(t *testing.T) {
	for name, tc := range map[string]struct {
		page    handler
		counted string
	}{
		"followed by a Save":     {saving(t, nil, func(s *sessions.Session) error { return counter.Set(s, 5) }), "200 5"},
		"followed by a response": {func(http.ResponseWriter, *http.Request, *sessions.Session) {}, "200 0"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{})
				b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { _ = claimable.Set(s, "v") })
				resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
					claimInDoubt(a, r, s, claimable, faultstore.Before)
					a.overtake(b, func(o *sessions.Session) {
						_, ok, err := claimable.Claim(r.Context(), o)
						want(t, "the other request claimed it", ok, true)
						want(t, "its Claim", err, nil)
					})
					tc.page(w, r, s)
					_, _ = w.Write([]byte("try again"))
				})
				want(t, "reply", text(resp), "200 try again")
				want(t, "counter", b.with(a, read).get(), tc.counted)
			})
		})
	}
}

// TestR79_TwoClaimsInDoubtLoseNoValue: both claims arrived. The request gets
// both values when it claims them again.
func TestR79_TwoClaimsInDoubtLoseNoValue(t *testing.T) {
	const one, two = sessions.Key[string]("one"), sessions.Key[string]("two")
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			_, _ = one.Set(s, "1"), two.Set(s, "2")
		})
		b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			for _, k := range []sessions.Key[string]{one, two} {
				_ = s.Save(r.Context())
				claimInDoubt(a, r, s, k, faultstore.After)
			}
			for k, value := range map[sessions.Key[string]]string{one: "1", two: "2"} {
				v, ok, err := k.Claim(r.Context(), s)
				if v != value || !ok || err != nil {
					t.Errorf("second Claim of %q: %q, %v, %v", k, v, ok, err)
				}
			}
		})
	})
}
