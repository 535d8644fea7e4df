package test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions"
)

// guest returns a session outside of a request, with values of a codec.
func guest(t *testing.T, opts sessions.Options) *sessions.Session {
	t.Helper()
	a, b := fresh(t, opts)
	a.within(b, func(_ context.Context, s *sessions.Session) {
		want(t, "Set", personKey.Set(s, person{Name: "Ann", Tags: []string{"a"}}), nil)
		want(t, "Set", counter.Set(s, 7), nil)
		want(t, "Set", s.Set("theme", "dark"), nil)
		want(t, "SetSubject", s.SetSubject("guest"), nil)
	})
	s, err := a.Open(t.Context(), b.token())
	want(t, "Open", err, nil)
	return s
}

// TestR122_ValuesAreCopiedWithoutTheirTypes, from a session of any manager, and
// nothing but values.
func TestR122_ValuesAreCopiedWithoutTheirTypes(t *testing.T) {
	for _, opts := range []sessions.Options{
		{},
		{Codec: sessions.Gob, Namespace: "another"},
	} {
		from := guest(t, opts)
		a, b := fresh(t, sessions.Options{OldCodecs: []sessions.Codec{sessions.Gob}})
		a.within(b, func(_ context.Context, s *sessions.Session) {
			_ = counter.Set(s, 1)
			_ = s.Set("mine", 1)
		})
		id := a.id(b.token())
		a.within(b, func(_ context.Context, s *sessions.Session) {
			want(t, "CopyFrom", s.CopyFrom(from, from.Keys()), nil)
			want(t, "CopyFrom itself", s.CopyFrom(s, s.Keys()), nil)
		})
		a.within(b, func(_ context.Context, s *sessions.Session) {
			got, err := personKey.Get(s)
			want(t, "name", got.Name+strings.Join(got.Tags, ""), "Anna")
			want(t, "error", err, nil)
			n, err := counter.Get(s)
			want(t, "value that was there", n, 7)
			want(t, "error", err, nil)
			if diff := cmp.Diff([]string{"counter", "mine", "person", "theme"}, slices.Collect(s.Keys())); diff != "" {
				t.Errorf("keys (-want +got)\n%s", diff)
			}
			want(t, "subject", s.Subject(), "")
			want(t, "id", s.ID(), id)
		})
	}
}

// TestR122_CopyTakesOnlyTheKeysThatAreNamed, and no key means none.
func TestR122_CopyTakesOnlyTheKeysThatAreNamed(t *testing.T) {
	from := guest(t, sessions.Options{})
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		want(t, "CopyFrom", s.CopyFrom(from, slices.Values([]string(nil))), nil)
		want(t, "keys", s.Len(), 0)
		want(t, "CopyFrom", s.CopyFrom(from, slices.Values([]string{"theme", "not there"})), nil)
		want(t, "keys", strings.Join(slices.Collect(s.Keys()), " "), "theme")
	})
	want(t, "store calls", a.store.Ops(), "create")
}

// TestR122_CopyIsWholeOrNothing: an error names the remedy.
func TestR122_CopyIsWholeOrNothing(t *testing.T) {
	from := guest(t, sessions.Options{Codec: sessions.Gob})
	for remedy, opts := range map[string]sessions.Options{
		"Options.OldCodecs": {},
		"Options.MaxBytes":  {MaxBytes: 100, Codec: sessions.Gob},
	} {
		a, b := fresh(t, opts)
		a.within(b, func(_ context.Context, s *sessions.Session) {
			_ = counter.Set(s, 1)
			err := s.CopyFrom(from, from.Keys())
			if err == nil || !strings.Contains(err.Error(), remedy) {
				t.Errorf("CopyFrom: %v, want an error with %q", err, remedy)
			}
			want(t, "keys", s.Len(), 1)
			n, err := counter.Get(s)
			want(t, "value", n, 1)
			want(t, "error", err, nil)
		})
	}
}

// TestR122_CopySurvivesAParallelChange: it is made again on the newer record.
func TestR122_CopySurvivesAParallelChange(t *testing.T) {
	from := guest(t, sessions.Options{})
	a, b := fresh(t, sessions.Options{})
	a.within(b, count1)
	a.within(b, func(_ context.Context, s *sessions.Session) {
		want(t, "CopyFrom", s.CopyFrom(from, from.Keys()), nil)
		a.overtake(b, func(s *sessions.Session) { _ = counter.Set(s, 3); _ = s.Set("theirs", 1) })
	})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		n, _ := counter.Get(s)
		want(t, "value that was copied", n, 7)
		want(t, "keys", strings.Join(slices.Collect(s.Keys()), " "), "counter person theirs theme")
	})
}

func TestR122_CopyOfASessionThatIsOver(t *testing.T) {
	var over *sessions.Session
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) { _ = counter.Set(s, 1); over = s })
	a.within(b, func(_ context.Context, s *sessions.Session) {
		err := s.CopyFrom(over, slices.Values([]string{"counter"}))
		want(t, "from a session whose handler has returned", errors.Is(err, sessions.ErrNoSession), true)
		err = over.CopyFrom(s, s.Keys())
		want(t, "to one", errors.Is(err, sessions.ErrNoSession), true)
		want(t, "value", s.Has("counter"), true)
	})
}
