package sessions

import (
	"context"
	"errors"
	"testing"

	"github.com/gosessions/sessions/internal/token"
	"github.com/gosessions/sessions/internal/vault"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// refresher is a store that keeps records in memory, as far as a vault knows.
type refresher struct{ memstore.Store }

func (s *refresher) Refresh(ctx context.Context, id string) (store.Record, error) {
	return s.Load(ctx, id)
}

// TestR4_WrongSecretLeavesNothing: admit reads a record before it knows whose
// it is.
func TestR4_WrongSecretLeavesNothing(t *testing.T) {
	for name, st := range map[string]store.Store{"": new(memstore.Store), "with Refresh": new(refresher)} {
		t.Run(name, func(t *testing.T) {
			m, err := New(st, Options{})
			if err != nil {
				t.Fatal(err)
			}
			ctx, x := m.Begin(t.Context(), "")
			defer func() { _, _ = x.Discard() }()
			s, err := Load(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.SetSubject("ann"); err != nil {
				t.Fatal(err)
			}
			if _, err := x.Commit(ctx); err != nil {
				t.Fatal(err)
			}
			wrong, err := token.New(s.ID())
			if err != nil {
				t.Fatal(err)
			}
			var b base
			if _, _, err := m.admit(ctx, wrong.Text(), new(vault.Reading), &b); !errors.Is(err, errWrong) || b != (base{}) {
				t.Errorf("error %v, base %+v; want errWrong and nothing", err, b)
			}
		})
	}
}
