package test

import (
	"context"
	"errors"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// TestR47_FailedClaimTakesNothing: the value is taken once that is saved, not
// before.
func TestR47_FailedClaimTakesNothing(t *testing.T) {
	for name, setup := range map[string]handler{"save": count, "create": read} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(setup)
			b.get()
			a.within(b, func(ctx context.Context, s *sessions.Session) {
				_ = counter.Set(s, 2)
				_ = claimable.Set(s, "once")
				a.store.Fault = failing(name, faultstore.Before)
				if v, ok, err := claimable.Claim(ctx, s); v != "" || ok || !errors.Is(err, sessions.ErrUnavailable) {
					t.Errorf("Claim: %q, %t, %v; want ErrUnavailable", v, ok, err)
				}
				want(t, "it is still there", s.Has("nonce"), true)
				a.store.Fault = nil
				v, ok, err := claimable.Claim(ctx, s)
				want(t, "claimed again", v, "once")
				want(t, "ok", ok, true)
				want(t, "error", err, nil)
				want(t, "it is there no more", s.Has("nonce"), false)
			})
		})
	}
}

// TestR47_ChangeDuringALostClaim: what another goroutine does to the session
// does not get in the claim's way.
func TestR47_ChangeDuringALostClaim(t *testing.T) {
	for changes := range 6 {
		a := newApp(t, sessions.Options{})
		b := a.browser(nil)
		a.within(b, func(_ context.Context, s *sessions.Session) { _ = claimable.Set(s, "once") })
		a.within(b, func(ctx context.Context, s *sessions.Session) {
			for i := range changes {
				_ = counter.Set(s, i)
			}
			a.during("save", func() {
				a.overtake(b, func(s *sessions.Session) {
					_ = s.Set("theirs", 1)
					_, _, _ = claimable.Take(s)
				})
				_ = s.Set("late", 1)
			})
			v, ok, err := claimable.Claim(ctx, s)
			if v != "" || ok || err != nil {
				t.Errorf("after %d changes: %q, %t, %v; another had it first", changes, v, ok, err)
			}
		})
		a.within(b, func(_ context.Context, s *sessions.Session) {
			want(t, "nonce", s.Has("nonce"), false)
			want(t, "theirs", s.Has("theirs"), true)
			want(t, "late", s.Has("late"), true)
		})
	}
}

func TestR47_ClaimOfWhatIsNotThere(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	a.within(b, func(ctx context.Context, s *sessions.Session) {
		_ = s.Set("mine", 1)
		a.store.Ops()
		v, ok, err := claimable.Claim(ctx, s)
		if v != "" || ok || err != nil {
			t.Errorf("Claim: %q, %t, %v", v, ok, err)
		}
		want(t, "other changes are pending", s.Modified(), true)
		want(t, "store calls", a.store.Ops(), "")
	})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		want(t, "they are saved at the end", s.Has("mine"), true)
	})
}

func TestR47_ClaimOfASessionThatEnded(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(nil)
	a.within(b, func(_ context.Context, s *sessions.Session) { _ = claimable.Set(s, "once") })
	a.within(b, func(ctx context.Context, s *sessions.Session) {
		want(t, "Revoke", a.Revoke(ctx, s.ID()), nil)
		v, ok, err := claimable.Claim(ctx, s)
		if v != "" || ok || err != nil {
			t.Errorf("Claim: %q, %t, %v; want nothing, and no error", v, ok, err)
		}
	})
}

// TestR46_LostAnswerIsRecognisedUnderLaterWrites: the record remembers a write
// even if others have written since.
func TestR46_LostAnswerIsRecognisedUnderLaterWrites(t *testing.T) {
	for _, later := range []int{1, 7} {
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		b.get()
		a.within(b, func(ctx context.Context, s *sessions.Session) {
			_, _ = counter.Update(s, func(n int) int { return n + 1 })
			a.store.Fault = failing("save", faultstore.After)
			a.during("load", func() {
				a.store.Fault = nil
				for i := range later {
					a.overtake(b, func(s *sessions.Session) { _ = s.Set("theirs", i) })
				}
			})
			want(t, "Save", s.Save(ctx), nil)
		})
		want(t, "counter", b.with(a, read).get(), "200 2")
	}
}

// TestR46_LostAnswerAndTooManyWrites: where the record may have forgotten the
// write, it is not tried again.
func TestR46_LostAnswerAndTooManyWrites(t *testing.T) {
	for later, down := range map[int]bool{8: false, 9: true} { // the write did not arrive
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		b.get()
		a.within(b, func(ctx context.Context, s *sessions.Session) {
			_, _ = counter.Update(s, func(n int) int { return n + 1 })
			a.store.Fault = failing("save", faultstore.Before)
			a.during("load", func() {
				a.store.Fault = nil
				for i := range later {
					a.overtake(b, func(s *sessions.Session) { _ = s.Set("theirs", i) })
				}
			})
			if err := s.Save(ctx); errors.Is(err, sessions.ErrUnavailable) != down || err != nil != down {
				t.Errorf("after %d writes of others: %v", later, err)
			}
		})
	}
}

// TestR47_ClaimOfWhatIsNotSavedYet: taking it back leaves nothing to save, and
// it is taken all the same.
func TestR47_ClaimOfWhatIsNotSavedYet(t *testing.T) {
	for name, setup := range map[string]handler{"new session": read, "stored session": count} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(setup)
			b.get()
			a.store.Ops()
			a.within(b, func(ctx context.Context, s *sessions.Session) {
				_ = claimable.Set(s, "once")
				for _, there := range []bool{true, false} {
					_, ok, err := claimable.Claim(ctx, s)
					want(t, "ok", ok, there)
					want(t, "error", err, nil)
					want(t, "it is still there", s.Has("nonce"), false)
				}
			})
			a.within(b, func(_ context.Context, s *sessions.Session) { want(t, "it is stored", s.Has("nonce"), false) })
		})
	}
}
