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

// TestR53_RefusedChangeIsNotMadeAgain: it does not come back where the others
// are made on a newer record.
func TestR53_RefusedChangeIsNotMadeAgain(t *testing.T) {
	a := newApp(t, sessions.Options{MaxBytes: 1000})
	b := a.browser(count)
	b.get()
	reply := a.within(b, func(_ context.Context, s *sessions.Session) {
		if err := s.Set("large", strings.Repeat("x", 2000)); !errors.Is(err, sessions.ErrTooLarge) {
			t.Errorf("Set: %v, want ErrTooLarge", err)
		}
		_ = counter.Set(s, 5)
		a.overtake(b, func(s *sessions.Session) { _ = s.Set("theirs", 1) })
	})
	want(t, "reply", reply, "200 ")
	a.within(b, func(_ context.Context, s *sessions.Session) { wantKeys(t, "stored", s, "counter", "theirs") })
}

// TestR53_SessionThatIsTooLargeMayShrink: a limit that was lowered leaves the
// sessions that are over it.
func TestR53_SessionThatIsTooLargeMayShrink(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) { _ = s.Set("k", strings.Repeat("x", 3000)) })
	lower := a.as(sessions.Options{MaxBytes: 1000})
	lower.within(b, func(_ context.Context, s *sessions.Session) {
		want(t, "a smaller value, still too large", s.Set("k", strings.Repeat("x", 2000)), nil)
		for what, err := range map[string]error{
			"a larger value": s.Set("k", strings.Repeat("x", 2001)),
			"another key":    counter.Set(s, 1),
		} {
			if !errors.Is(err, sessions.ErrTooLarge) {
				t.Errorf("%s: %v, want ErrTooLarge", what, err)
			}
		}
	})
	lower.within(b, func(_ context.Context, s *sessions.Session) {
		v, _ := sessions.Key[string]("k").Get(s)
		want(t, "length", len(v), 2000)
	})
}

func TestR53_DefaultLimitIs64KiB(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		want(t, "less", s.Set("k", strings.Repeat("x", 64<<10-100)), nil)
		if err := s.Set("k", strings.Repeat("x", 64<<10)); !errors.Is(err, sessions.ErrTooLarge) {
			t.Errorf("more: %v, want ErrTooLarge", err)
		}
	})
}

func TestR53_SessionOverTheLimitIsRefused(t *testing.T) {
	a, b := fresh(t, sessions.Options{MaxBytes: 1000})
	a.within(b, func(ctx context.Context, s *sessions.Session) {
		for what, err := range map[string]error{
			"a long value": s.Set("k", strings.Repeat("x", 2000)),
			"a long key":   s.Set(strings.Repeat("x", 2000), 1),
		} {
			if !errors.Is(err, sessions.ErrTooLarge) {
				t.Errorf("%s: %v, want ErrTooLarge", what, err)
			}
		}
		want(t, "keys", s.Len(), 0)
		_ = counter.Set(s, 1)
		_ = s.Set("k", strings.Repeat("x", 900))
	})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		if _, err := sessions.Key[string]("k").Update(s, func(v string) string { return v + v }); !errors.Is(err, sessions.ErrTooLarge) {
			t.Errorf("Update: %v, want ErrTooLarge", err)
		}
		if err := s.Set("k", strings.Repeat("y", 800)); err != nil {
			t.Errorf("a smaller value: %v", err)
		}
	})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		v, err := sessions.Key[string]("k").Get(s)
		if n, _ := counter.Get(s); len(v) != 800 || v[0] != 'y' || n != 1 || err != nil {
			t.Errorf("stored: %d bytes, counter %d, error %v", len(v), n, err)
		}
	})
}
