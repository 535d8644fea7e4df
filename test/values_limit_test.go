package test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gosessions/sessions"
)

// TestR53_LimitCountsWhatARecordNeeds: of a value its key, its bytes and nine
// of the index, whether it is new or not.
func TestR53_LimitCountsWhatARecordNeeds(t *testing.T) {
	a, b := fresh(t, sessions.Options{MaxBytes: 100})
	fits := strings.Repeat("x", 100-9-len("k")-len(`""`))
	for range 2 {
		a.within(b, func(_ context.Context, s *sessions.Session) {
			if err := s.Set("k", fits+"x"); !errors.Is(err, sessions.ErrTooLarge) {
				t.Errorf("a byte too much: %v, want ErrTooLarge", err)
			}
			want(t, "what just fits", s.Set("k", fits), nil)
		})
	}
}
