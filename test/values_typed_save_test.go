package test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/gosessions/sessions"
)

// TestTyped_FieldIsSavedOnce: what Save has written is not written again over
// what another request made of it.
func TestTyped_FieldIsSavedOnce(t *testing.T) {
	codecs(t, func(t *testing.T, codec sessions.Codec) {
		a, b := fresh(t, sessions.Options{Codec: codec})
		a.within(b, func(_ context.Context, s *sessions.Session) { open(t, personKey, s).Data = person{Name: "Ann", Age: 1} })
		a.within(b, func(ctx context.Context, s *sessions.Session) {
			p := open(t, personKey, s)
			p.Data.Age = 2
			want(t, "Save", s.Save(ctx), nil)
			a.overtake(b, func(s *sessions.Session) { open(t, personKey, s).Data.Age = 5 })
			p.Data.Name = "Bob"
		})
		a.within(b, func(_ context.Context, s *sessions.Session) {
			got, err := personKey.Get(s)
			want(t, "name", got.Name, "Bob")
			want(t, "age", got.Age, 5)
			want(t, "error", err, nil)
		})
	})
}

func TestWrap_PointerSetToNilAndBack(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		wrap(t, s).Data = whole{Theme: "dark", Note: new("hello")}
	})
	a.within(b, func(ctx context.Context, s *sessions.Session) {
		w := wrap(t, s)
		w.Data.Note = nil
		want(t, "Save", s.Save(ctx), nil)
		want(t, "the key", s.Has("Note"), false)
		w.Data.Note = new("hello")
	})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		note, err := sessions.Key[string]("Note").Get(s)
		want(t, "note", note, "hello")
		want(t, "error", err, nil)
	})
}

// TestMapsThatAreEqualAreNotSaved: neither one that was only read, nor one that
// is set again.
func TestMapsThatAreEqualAreNotSaved(t *testing.T) {
	const k = sessions.Key[map[string]int]("map")
	large := map[string]int{}
	for i := range 50 {
		large[fmt.Sprint(i)] = i
	}
	codecs(t, func(t *testing.T, codec sessions.Codec) {
		a, b := fresh(t, sessions.Options{Codec: codec})
		a.within(b, func(_ context.Context, s *sessions.Session) { _ = k.Set(s, large) })
		a.store.Ops()
		a.within(b, func(_ context.Context, s *sessions.Session) { want(t, "entries", len(open(t, k, s).Data), 50) })
		want(t, "store calls of a read", a.store.Ops(), "load")
		if codec == sessions.JSON {
			a.within(b, func(_ context.Context, s *sessions.Session) { _ = k.Set(s, large) })
			want(t, "store calls of the same map again", a.store.Ops(), "load")
		}
	})
}

// TestValueThatIsHalfDecodedIsNotShown: with the error comes the zero value.
func TestValueThatIsHalfDecodedIsNotShown(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		_ = s.Set("person", struct{ Name, Age string }{"Ann", "seven"})
		_ = s.Set("theme", "dark")
		_ = s.Set("counter", "three")
		got, err := personKey.Get(s)
		want(t, "name", got.Name, "")
		typed, typedErr := personKey.Open(s)
		want(t, "name of a Typed", typed.Data.Name, "")
		wrapped, wrapErr := sessions.Wrap[whole](s)
		want(t, "field of a wrapped session", wrapped.Data.Theme, "")
		for what, err := range map[string]error{"Get": err, "Open": typedErr, "Wrap": wrapErr} {
			var ce *sessions.CodecError
			if !errors.As(err, &ce) {
				t.Errorf("%s: %v, want a CodecError", what, err)
			}
		}
	})
}

// What follows keeps more than exported fields, each in another way.
type (
	kelvin struct {
		Label   string
		degrees int
	}
	textual struct {
		Label   string
		degrees int
	}
	binary struct {
		Label   string
		degrees int
	}
	gobbed struct {
		Label   string
		degrees int
	}
)

func (v kelvin) MarshalJSONTo(e *jsontext.Encoder) error {
	text, _ := joined(v.Label, v.degrees)
	return e.WriteToken(jsontext.String(string(text)))
}

func (v *kelvin) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	return parted([]byte(token.String()), &v.Label, &v.degrees)
}

func joined(label string, degrees int) ([]byte, error) {
	return fmt.Appendf(nil, "%s %d", label, degrees), nil
}

func parted(text []byte, label *string, degrees *int) error {
	_, err := fmt.Sscanf(string(text), "%s %d", label, degrees)
	return err
}

func (v textual) MarshalText() ([]byte, error)  { return joined(v.Label, v.degrees) }
func (v *textual) UnmarshalText(b []byte) error { return parted(b, &v.Label, &v.degrees) }

func (v binary) MarshalBinary() ([]byte, error)  { return joined(v.Label, v.degrees) }
func (v *binary) UnmarshalBinary(b []byte) error { return parted(b, &v.Label, &v.degrees) }

func (v gobbed) GobEncode() ([]byte, error) { return joined(v.Label, v.degrees) }
func (v *gobbed) GobDecode(b []byte) error  { return parted(b, &v.Label, &v.degrees) }

// oneWhole checks that the last change of a value wins as a whole.
func oneWhole[T comparable](t *testing.T, codec sessions.Codec, first, mine, theirs T) {
	const name = "whole"
	k := sessions.Key[T](name)
	a, b := fresh(t, sessions.Options{Codec: codec})
	a.within(b, func(_ context.Context, s *sessions.Session) { open(t, k, s).Data = first })
	a.within(b, func(_ context.Context, s *sessions.Session) {
		open(t, k, s).Data = mine
		a.overtake(b, func(s *sessions.Session) { open(t, k, s).Data = theirs })
	})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		got, err := k.Get(s)
		want(t, fmt.Sprintf("%T", first), got, mine)
		want(t, "error", err, nil)
	})
}

func TestTyped_EachWayToEncodeItselfIsOneWhole(t *testing.T) {
	oneWhole(t, sessions.JSON, kelvin{"a", 1}, kelvin{"a", 2}, kelvin{"b", 1})
	oneWhole(t, sessions.JSON, textual{"a", 1}, textual{"a", 2}, textual{"b", 1})
	oneWhole(t, sessions.Gob, binary{"a", 1}, binary{"a", 2}, binary{"b", 1})
	oneWhole(t, sessions.Gob, gobbed{"a", 1}, gobbed{"a", 2}, gobbed{"b", 1})
}
