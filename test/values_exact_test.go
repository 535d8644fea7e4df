package test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gosessions/sessions"
)

type (
	tree   map[string]tree
	nested []nested
)

// TestR51_TypesThatReferToThemselves: a value may, but not without an end.
func TestR51_TypesThatReferToThemselves(t *testing.T) {
	kept(t, tree{"a": {"b": {}}, "c": {}})
	kept(t, nested{{nil}, {nil, nil}})
	m, s := tree{}, make(nested, 1)
	m["self"], s[0] = m, s
	for _, codec := range []sessions.Codec{sessions.JSON, sessions.Gob} {
		var ce *sessions.CodecError
		if _, err := keep(t, codec, m); !errors.As(err, &ce) {
			t.Errorf("%s, a map in itself: %v, want a CodecError", codec.Name(), err)
		}
		if _, err := keep(t, codec, s); !errors.As(err, &ce) {
			t.Errorf("%s, a slice in itself: %v, want a CodecError", codec.Name(), err)
		}
	}
}

func TestR51_NilMapIsNotAnEmptyOne(t *testing.T) {
	got, err := keep(t, sessions.JSON, [2]map[string]int{nil, {}})
	if got[0] != nil || got[1] == nil || err != nil {
		t.Errorf("%#v, error %v", got, err)
	}
}

func TestR51_FractionInAnInterfaceIsAFloat(t *testing.T) {
	for _, v := range []float64{0.5, -0.1, 1e300, 1.5e-7} {
		got, err := keep[any](t, sessions.JSON, v)
		want(t, "value", got, any(v))
		want(t, "error", err, nil)
	}
}

type stamped struct {
	At    time.Time
	Maybe *time.Time
	Many  []time.Time
	ByAge map[string]time.Time
	Any   any
}

// TestR51_TimeIsTheSameInstant, whatever its zone: RFC 3339 has no seconds in
// an offset.
func TestR51_TimeIsTheSameInstant(t *testing.T) {
	for _, offset := range []int{0, 3600, -3600, 5*3600 + 1800, 1172, -1, 1, 23*3600 + 59*60 + 59} {
		at := time.Date(1850, 3, 1, 10, 0, 0, 5, time.FixedZone("LMT", offset))
		for _, codec := range []sessions.Codec{sessions.JSON, sessions.Gob} {
			got, err := keep(t, codec, at)
			want(t, fmt.Sprint(codec.Name(), " ", at, " is ", got), got.Equal(at), true)
			want(t, "error", err, nil)
			if _, after := got.Zone(); offset%60 == 0 {
				want(t, "offset", after, offset)
			}
		}
		v := stamped{At: at, Maybe: &at, Many: []time.Time{at}, ByAge: map[string]time.Time{"a": at}, Any: at}
		got, err := keep(t, sessions.JSON, v)
		want(t, "error", err, nil)
		for name, got := range map[string]time.Time{"field": got.At, "pointer": *got.Maybe, "slice": got.Many[0], "map": got.ByAge["a"]} {
			want(t, fmt.Sprint(name, " ", at, " is ", got), got.Equal(at), true)
		}
		text, _ := got.Any.(string)
		inAny, err := time.Parse(time.RFC3339Nano, text)
		want(t, fmt.Sprint("interface ", at, " is ", text), inAny.Equal(at), true)
		want(t, "error", err, nil)
		keys, err := keep(t, sessions.JSON, map[time.Time]int{at: 1})
		want(t, "error", err, nil)
		for got := range keys {
			want(t, fmt.Sprint("key ", at, " is ", got), got.Equal(at), true)
		}
		typed, b := fresh(t, sessions.Options{})
		typed.within(b, func(_ context.Context, s *sessions.Session) { open(t, sessions.Key[stamped]("k"), s).Data.At = at })
		typed.within(b, func(_ context.Context, s *sessions.Session) {
			want(t, "Data", open(t, sessions.Key[stamped]("k"), s).Data.At.Equal(at), true)
		})
	}
}
