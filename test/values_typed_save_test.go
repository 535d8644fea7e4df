package test

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
	a, b := fresh(t, sessions.Options{Undecodable: sessions.UndecodableError})
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

// TestTyped_DataThatIsRefusedIsNotForgotten: as long as Data is too large, each
// save says so.
func TestTyped_DataThatIsRefusedIsNotForgotten(t *testing.T) {
	type note struct{ Text string }
	const key = sessions.Key[note]("note")
	codecs(t, func(t *testing.T, codec sessions.Codec) {
		a, b := fresh(t, sessions.Options{Codec: codec, MaxBytes: 200})
		a.within(b, func(_ context.Context, s *sessions.Session) { _ = key.Set(s, note{"short"}) })
		a.within(b, func(ctx context.Context, s *sessions.Session) {
			n := open(t, key, s)
			n.Data.Text = strings.Repeat("long", 100)
			for range 3 {
				if err := s.Save(ctx); !errors.Is(err, sessions.ErrTooLarge) {
					t.Errorf("Save: %v, want ErrTooLarge", err)
				}
			}
			n.Data.Text = "shorter"
			want(t, "Save of what fits", s.Save(ctx), nil)
		})
		a.within(b, func(_ context.Context, s *sessions.Session) {
			got, err := key.Get(s)
			want(t, "text", got.Text, "shorter")
			want(t, "error", err, nil)
		})
	})
}

// TestTyped_ReadingAnotherSpellingSavesNothing: a program that does not know
// all members, or writes with another codec, leaves what it only reads.
func TestTyped_ReadingAnotherSpellingSavesNothing(t *testing.T) {
	type newer struct {
		Name  string
		Tags  []string
		Theme string
	}
	type older struct {
		Name string
		Tags []string
	}
	for _, opts := range [][2]sessions.Options{
		{},
		{{}, {Codec: sessions.Gob, OldCodecs: []sessions.Codec{sessions.JSON}}},
		{{Codec: sessions.Gob}, {OldCodecs: []sessions.Codec{sessions.Gob}}},
	} {
		a, b := fresh(t, opts[0])
		a.within(b, func(_ context.Context, s *sessions.Session) {
			_ = s.Set("profile", newer{"Ann", []string{"a"}, "dark"})
		})
		a.store.Ops()
		next := a.as(opts[1])
		next.within(b, func(_ context.Context, s *sessions.Session) {
			p := open(t, sessions.Key[older]("profile"), s)
			p.Data.Tags[0] += "b"
			p.Data.Tags[0] = "a"
		})
		want(t, "store calls", a.store.Ops(), "load")
		next.within(b, func(_ context.Context, s *sessions.Session) {
			got, err := sessions.Key[newer]("profile").Get(s)
			want(t, "member that the other does not know", got.Theme, "dark")
			want(t, "error", err, nil)
		})
	}
}
