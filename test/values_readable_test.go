package test

import (
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gosessions/sessions"
)

type (
	// city is a [fmt.Stringer].
	city string
	// halfJSON, halfText and halfBinary encode themselves and are not decoded.
	halfJSON   struct{ N int }
	halfText   struct{ N int }
	halfBinary struct{ N int }
	// lowered is a key whose spellings are one.
	lowered string
)

func (c city) String() string                      { return string(c) }
func (halfJSON) MarshalJSON() ([]byte, error)      { return []byte(`"x"`), nil }
func (halfText) MarshalText() ([]byte, error)      { return []byte("x"), nil }
func (halfBinary) MarshalBinary() ([]byte, error)  { return []byte("x"), nil }
func (halfBinary) GobEncode() ([]byte, error)      { return []byte("x"), nil }
func (l lowered) MarshalText() ([]byte, error)     { return []byte(strings.ToLower(string(l))), nil }
func (l *lowered) UnmarshalText(text []byte) error { *l = lowered(text); return nil }

// readable reports whether Set refuses a value, or Get can read it.
func readable[T any](t *testing.T, codec sessions.Codec, v T) (refused error, ok bool) {
	k := sessions.Key[T]("k")
	a, b := fresh(t, sessions.Options{Codec: codec})
	ok = true
	a.within(b, func(_ context.Context, s *sessions.Session) {
		refused = k.Set(s, v)
		if _, err := k.Get(s); refused == nil && err != nil {
			t.Logf("%s %T %v: Get: %v", codec.Name(), v, v, err)
			ok = false
		}
		if untyped := s.Set("k", v); (untyped == nil) != (refused == nil) && reflect.TypeFor[T]().Kind() != reflect.Interface {
			t.Errorf("%s %T: Session.Set: %v, Key.Set: %v", codec.Name(), v, untyped, refused)
		}
		s.Delete("k")
		if _, err := k.Update(s, func(T) T { return v }); (err == nil) != (refused == nil) {
			t.Errorf("%s %T: Update: %v, Key.Set: %v", codec.Name(), v, err, refused)
		}
	})
	return refused, ok
}

// TestR120_SetRefusesWhatGetCouldNeverRead, and says what to do instead.
func TestR120_SetRefusesWhatGetCouldNeverRead(t *testing.T) {
	gob.Register(city(""))
	const large = 1<<53 + 1
	for _, codec := range []sessions.Codec{sessions.JSON, sessions.Gob} {
		check := func(name, remedy string, refused error, ok bool) {
			var ce *sessions.CodecError
			switch {
			case !ok, refused == nil:
				t.Errorf("%s, %s: Set accepts what Get cannot read", codec.Name(), name)
			case !errors.As(refused, &ce) || ce.Op != "encode" || ce.Key != "k" || !strings.Contains(refused.Error(), remedy):
				t.Errorf("%s, %s: %v, want a CodecError with the remedy %q", codec.Name(), name, refused, remedy)
			default:
				t.Log(refused)
			}
		}
		refused, ok := readable[fmt.Stringer](t, codec, city("Rome"))
		check("a Stringer", "concrete type", refused, ok)
		refused, ok = readable(t, codec, struct{ Err fmt.Stringer }{city("Rome")})
		if codec == sessions.JSON {
			check("a field Stringer", "concrete type", refused, ok)
			refused, ok = readable[any](t, codec, uint64(large))
			check("a large integer", "integer type", refused, ok)
			refused, ok = readable(t, codec, map[string]any{"a": []any{int64(large)}})
			check("a large integer in a map", "integer type", refused, ok)
			refused, ok = readable(t, codec, struct{ A []struct{ B any } }{[]struct{ B any }{{int64(-large)}}})
			check("a large integer in a field", "integer type", refused, ok)
			refused, ok = readable(t, codec, halfJSON{1})
			check("MarshalJSON alone", "UnmarshalJSON", refused, ok)
			refused, ok = readable(t, codec, []*halfText{{1}})
			check("MarshalText alone", "UnmarshalText", refused, ok)
			refused, ok = readable(t, codec, struct {
				*common
				Age int
			}{&common{"Ann"}, 1})
			check("an embedded pointer", "common", refused, ok)
			refused, ok = readable(t, codec, map[halfText]int{{1}: 1})
			check("a key with MarshalText alone", "UnmarshalText", refused, ok)
		} else {
			refused, ok = readable[any](t, codec, 1)
			check("an any", "concrete type", refused, ok)
			refused, ok = readable(t, codec, halfBinary{1})
			check("GobEncode alone", "GobDecode", refused, ok)
		}
	}
}

// TestR120_SetAcceptsWhatGetCanRead: the check refuses no more than it must.
func TestR120_SetAcceptsWhatGetCanRead(t *testing.T) {
	for _, codec := range []sessions.Codec{sessions.JSON, sessions.Gob} {
		for _, v := range []any{
			1, "a", true, 1.5, []int{1}, map[string]int{"a": 1}, time.Now(), time.Minute, person{Name: "Ann"}, celsius{"a", 1}, city("Rome"),
			map[string]any{"a": int64(1 << 53), "b": 0.1, "c": "x"}, []any{"a", nil}, struct {
				Name string
				Err  error
			}{Name: "no error"},
			struct {
				*address
				Age int
			}{nil, 1}, json.RawMessage(`{"a":9007199254740993}`), []byte{1}, &person{Name: "Eve"}, math.MaxInt, int64(math.MaxInt64),
			lowered("x"), map[lowered]int{"a": 1},
		} {
			a, b := fresh(t, sessions.Options{Codec: codec})
			a.within(b, func(_ context.Context, s *sessions.Session) {
				if err := s.Set("k", v); err != nil {
					t.Logf("%s %T: %v", codec.Name(), v, err)
					if codec == sessions.JSON {
						t.Errorf("%s %T: %v", codec.Name(), v, err)
					}
					return
				}
				_, err := s.Get("k", reflect.New(reflect.TypeOf(v)).Interface())
				want(t, fmt.Sprintf("%s %T: Get", codec.Name(), v), err, nil)
			})
		}
	}
}
