package codec_test

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/gosessions/sessions/internal/codec"
)

// Types with an any somewhere inside.
type (
	named  any
	hidden struct{ Any any }
	list   struct {
		Next *list
		Last any
	}
	first  struct{ Second *second }
	second struct {
		First *first
		Any   any
	}
	promoting struct{ hidden }
	// passing hands its decoder on.
	passing struct{ any any }
)

func (p *passing) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	return jsonv2.UnmarshalDecode(d, &p.any)
}

// holder is an interface that is decoded if it holds a pointer.
type holder interface{ hold() }

func (*hidden) hold() {}

const tooLarge = "9007199254740993" // no float64

func TestIntegersInAnyInterfaceAreExact(t *testing.T) {
	for _, c := range []struct {
		into any
		data string
	}{
		{new(any), "@"},
		{new(named), `[@]`},
		{new([]any), "[@]"},
		{new([1]any), "[@]"},
		{new(map[string]any), `{"a":@}`},
		{new(map[string][]map[string]any), `{"a":[{"b":@}]}`},
		{new(**hidden), `{"Any":@}`},
		{new(hidden), `{"Any":{"a":[@]}}`},
		{new(promoting), `{"Any":@}`},
		{new(list), `{"Next":{"Next":{"Last":@}}}`},
		{new(first), `{"Second":{"Any":@}}`},
		{new(second), `{"First":{"Second":{"Any":@}}}`},
		{new([]passing), `[@]`},
		{&[]holder{&hidden{}}[0], `{"Any":@}`},
	} {
		if err := (codec.JSON{}).Unmarshal([]byte(strings.ReplaceAll(c.data, "@", "12")), c.into); err != nil {
			t.Errorf("%T: %v", c.into, err)
		}
		if err := (codec.JSON{}).Unmarshal([]byte(strings.ReplaceAll(c.data, "@", tooLarge)), c.into); err == nil || !strings.Contains(err.Error(), "float64") {
			t.Errorf("%T: an integer that does not fit: error %v", c.into, err)
		}
	}
}

// encoded has a method that decides on its bytes.
type encoded struct{ N int }

func (*encoded) MarshalJSON() ([]byte, error) { return []byte("1"), nil }

// decoded has a method that can refuse bytes.
type decoded struct{ N int }

func (*decoded) UnmarshalJSON([]byte) error { return nil }

type tree struct {
	Name     string
	Seen     time.Time
	Address  netip.Addr
	Children map[string]*tree
	Parts    []struct{ N [2]float64 }
	ignored  any
}

func TestStableTypes(t *testing.T) {
	_ = tree{}.ignored
	for _, c := range []struct {
		typ  reflect.Type
		want bool
	}{
		{reflect.TypeFor[int](), true},
		{reflect.TypeFor[tree](), true},
		{reflect.TypeFor[*time.Time](), true},
		{reflect.TypeFor[any](), false},
		{reflect.TypeFor[map[string]any](), false},
		{reflect.TypeFor[list](), false},
		{reflect.TypeFor[[]encoded](), false},
		{reflect.TypeFor[struct{ D *decoded }](), false},
		{reflect.TypeFor[struct{ encoded }](), false},
		{reflect.TypeFor[json.RawMessage](), false},
		{reflect.TypeFor[passing](), false},
		{reflect.TypeFor[map[encoded]int](), false},
	} {
		if got := (codec.JSON{}).Stable(c.typ); got != c.want {
			t.Errorf("%v: %t, want %t", c.typ, got, c.want)
		}
	}
}

func TestUnmarshalIntoNoPointer(t *testing.T) {
	for _, into := range []any{nil, 1, struct{}{}, (*int)(nil), (*tree)(nil)} {
		if err := (codec.JSON{}).Unmarshal([]byte("{}"), into); err == nil {
			t.Errorf("%T: no error", into)
		}
	}
}
