package test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gosessions/sessions"
)

// wantTooLarge checks an error.
func wantTooLarge(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, sessions.ErrTooLarge) {
		t.Errorf("%s: %v, want ErrTooLarge", what, err)
	}
}

// TestR53_TypedStringThatIsTooLargeIsNotForgotten: each save says so.
func TestR53_TypedStringThatIsTooLargeIsNotForgotten(t *testing.T) {
	a, b := fresh(t, sessions.Options{MaxBytes: 200})
	b.visit(a, count)
	a.within(b, func(ctx context.Context, s *sessions.Session) {
		open(t, sessions.Key[string]("v"), s).Data = strings.Repeat("x", 300)
		for range 3 {
			wantTooLarge(t, "Save", s.Save(ctx))
		}
	})
}

// TestR53_ReloadForgetsNoChangeThatFitsNoMore: two changes fit one by one, and
// not both.
func TestR53_ReloadForgetsNoChangeThatFitsNoMore(t *testing.T) {
	a, b := fresh(t, sessions.Options{MaxBytes: 100})
	b.visit(a, count)
	a.within(b, func(ctx context.Context, s *sessions.Session) {
		_ = s.Set("x", 1)
		a.overtake(b, func(o *sessions.Session) { _ = o.Set("o", strings.Repeat("o", 30)) })
		a.during("save", func() { want(t, "Set", s.Set("g", strings.Repeat("g", 40)), nil) })
		_ = s.Save(ctx)
		wantTooLarge(t, "Reload", s.Reload(ctx))
		wantTooLarge(t, "Save", s.Save(ctx))
	})
}
