package test

import (
	"context"
	"testing"

	"github.com/gosessions/sessions"
)

// TestR48_UpdateSeesWhatHappensMeanwhile: f runs without a lock, and again if
// the session changed under it.
func TestR48_UpdateSeesWhatHappensMeanwhile(t *testing.T) {
	for name, tc := range map[string]struct {
		f    func(t *testing.T, a *app, b *browser, ctx context.Context, s *sessions.Session)
		want int
	}{
		"set":    {func(_ *testing.T, _ *app, _ *browser, _ context.Context, s *sessions.Session) { _ = counter.Set(s, 10) }, 11},
		"delete": {func(_ *testing.T, _ *app, _ *browser, _ context.Context, s *sessions.Session) { counter.Delete(s) }, 1},
		"clear":  {func(_ *testing.T, _ *app, _ *browser, _ context.Context, s *sessions.Session) { s.Clear() }, 1},
		"update": {func(_ *testing.T, _ *app, _ *browser, _ context.Context, s *sessions.Session) {
			_, _ = counter.Update(s, func(n int) int { return n + 30 })
		}, 32},
		"destroy": {func(_ *testing.T, _ *app, _ *browser, _ context.Context, s *sessions.Session) { s.Destroy() }, 1},
		"reload": {func(t *testing.T, a *app, b *browser, ctx context.Context, s *sessions.Session) {
			a.overtake(b, func(s *sessions.Session) { _ = counter.Set(s, 20) })
			want(t, "Reload", s.Reload(ctx), nil)
		}, 21},
		"save": {func(t *testing.T, a *app, b *browser, ctx context.Context, s *sessions.Session) {
			a.overtake(b, func(s *sessions.Session) { _ = counter.Set(s, 20) })
			_ = s.Set("mine", 1)
			want(t, "Save", s.Save(ctx), nil)
		}, 21},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(count)
			b.get()
			a.within(b, func(ctx context.Context, s *sessions.Session) {
				runs := 0
				n, err := counter.Update(s, func(n int) int {
					if runs++; runs == 1 {
						tc.f(t, a, b, ctx, s)
					}
					return n + 1
				})
				want(t, "value", n, tc.want)
				want(t, "error", err, nil)
				want(t, "runs", runs, 2)
			})
			a.within(b, func(_ context.Context, s *sessions.Session) {
				n, _ := counter.Get(s)
				want(t, "stored", n, tc.want)
			})
		})
	}
}
