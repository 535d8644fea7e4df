package sessions

import (
	"context"
	"testing"

	"github.com/gosessions/sessions/store/memstore"
)

// TestCommitLeavesNothingBehind: after a save, the end of the request has
// nothing to do, whether anybody listens to events or not.
func TestCommitLeavesNothingBehind(t *testing.T) {
	for name, listener := range map[string]func(context.Context, Event){"heard": func(context.Context, Event) {}, "unheard": nil} {
		for what, change := range map[string]func(*Session) error{
			"login":   func(s *Session) error { return s.SetSubject("ann") },
			"destroy": func(s *Session) error { s.Destroy(); return nil },
		} {
			t.Run(what+", "+name, func(t *testing.T) {
				m, err := New(new(memstore.Store), Options{OnEvent: listener})
				if err != nil {
					t.Fatal(err)
				}
				ctx, x := m.Begin(t.Context(), "")
				defer func() { _, _ = x.Discard() }()
				s, err := Load(ctx)
				if err != nil {
					t.Fatal(err)
				}
				for _, change := range []func(*Session) error{func(s *Session) error { return s.Set("n", 1) }, change} {
					if err := change(s); err != nil {
						t.Fatal(err)
					}
					if err := s.Save(ctx); err != nil {
						t.Fatal(err)
					}
					s.mu.Lock()
					if !s.quiet(commitLate) {
						t.Error("there is something left to do")
					}
					s.mu.Unlock()
				}
			})
		}
	}
}
