package test

import (
	"errors"
	"testing"

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
