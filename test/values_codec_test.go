package test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gosessions/sessions"
)

// secretive keeps what is unexported by methods of its pointer.
type secretive struct{ text string }

func (s *secretive) GobEncode() ([]byte, error)   { return []byte(s.text), nil }
func (s *secretive) GobDecode(data []byte) error  { s.text = string(data); return nil }
func (s *secretive) MarshalText() ([]byte, error) { return []byte(s.text), nil }
func (s *secretive) UnmarshalText(d []byte) error { s.text = string(d); return nil }

func TestMethodsOfThePointerEncodeTheValue(t *testing.T) {
	const key = sessions.Key[secretive]("secretive")
	codecs(t, func(t *testing.T, codec sessions.Codec) {
		a, b := fresh(t, sessions.Options{Codec: codec})
		a.within(b, func(_ context.Context, s *sessions.Session) {
			want(t, "Set", key.Set(s, secretive{"x"}), nil)
		})
		a.within(b, func(_ context.Context, s *sessions.Session) {
			open(t, key, s).Data.text += "y"
		})
		a.within(b, func(_ context.Context, s *sessions.Session) {
			got, err := key.Get(s)
			want(t, "value", got.text, "xy")
			want(t, "error", err, nil)
		})
	})
}

func TestNilPointerIsAnErrorOrNil(t *testing.T) {
	const pointer, twice = sessions.Key[*int]("p"), sessions.Key[**int]("pp")
	a, b := fresh(t, sessions.Options{Codec: sessions.Gob})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		var ce *sessions.CodecError
		if err := pointer.Set(s, nil); !errors.As(err, &ce) {
			t.Errorf("gob of a nil pointer: %v, want a CodecError", err)
		}
		if err := twice.Set(s, new(*int)); !errors.As(err, &ce) {
			t.Errorf("gob of a pointer to a nil pointer: %v, want a CodecError", err)
		}
	})
	a, b = fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		want(t, "JSON of a nil pointer", pointer.Set(s, nil), nil)
		got, err := pointer.Get(s)
		want(t, "value", got, nil)
		want(t, "error", err, nil)
	})
}

func TestDurationIsKept(t *testing.T) {
	type config struct{ Every time.Duration }
	const key = sessions.Key[config]("config")
	codecs(t, func(t *testing.T, codec sessions.Codec) {
		a, b := fresh(t, sessions.Options{Codec: codec})
		a.within(b, func(_ context.Context, s *sessions.Session) { open(t, key, s).Data.Every = time.Minute })
		a.within(b, func(_ context.Context, s *sessions.Session) {
			got, err := key.Get(s)
			want(t, "value", got.Every, time.Minute)
			want(t, "error", err, nil)
		})
	})
}

func TestCodecGetsTheValueItself(t *testing.T) {
	const name = sessions.Key[string]("name")
	a, b := fresh(t, sessions.Options{Codec: upper{"upper"}})
	a.within(b, func(_ context.Context, s *sessions.Session) { open(t, name, s).Data = "ann" })
	a.within(b, func(_ context.Context, s *sessions.Session) {
		got, err := name.Get(s)
		want(t, "value", got, "ann")
		want(t, "error", err, nil)
	})
}

func TestIntegerInAnInterfaceIsAFloatIfItFits(t *testing.T) {
	const key = sessions.Key[any]("any")
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		_ = key.Set(s, uint64(1)<<63)
		got, err := key.Get(s)
		want(t, "2 to the 63rd", got, any(float64(1<<63)))
		want(t, "error", err, nil)
		err = key.Set(s, uint64(1)<<63+1)
		want(t, "an integer that does not fit is an error", err != nil, true)
		got, err = key.Get(s)
		want(t, "the value before", got, any(float64(1<<63)))
		want(t, "its error", err, nil)
	})
}

// upper is a codec of one's own, for strings.
type upper struct{ name string }

func (c upper) Name() string { return c.name }

func (upper) Marshal(v any) ([]byte, error) {
	s, ok := v.(string)
	if !ok {
		return nil, errors.New("strings only")
	}
	return []byte(strings.ToUpper(s)), nil
}

func (upper) Unmarshal(data []byte, v any) error {
	p, ok := v.(*string)
	if !ok {
		return errors.New("strings only")
	}
	*p = strings.ToLower(string(data))
	return nil
}

func TestCodecIsChangedOnLiveData(t *testing.T) {
	const name, city = sessions.Key[string]("name"), sessions.Key[string]("city")
	managers := []sessions.Options{
		{},
		{Codec: sessions.Gob, OldCodecs: []sessions.Codec{sessions.JSON}},
		{Codec: upper{"upper"}, OldCodecs: []sessions.Codec{sessions.JSON, sessions.Gob}},
		{Codec: sessions.JSON, OldCodecs: []sessions.Codec{sessions.Gob, upper{"upper"}}},
	}
	a, b := fresh(t, managers[0])
	a.within(b, func(_ context.Context, s *sessions.Session) {
		_ = name.Set(s, "ann")
		_ = city.Set(s, "rome")
	})
	for i, opts := range managers {
		next := a.as(opts)
		next.within(b, func(_ context.Context, s *sessions.Session) {
			n, err := name.Get(s)
			c, cityErr := city.Get(s)
			if n != "ann" || c != "rome" || err != nil || cityErr != nil {
				t.Errorf("manager %d reads %q %v, %q %v", i, n, err, c, cityErr)
			}
			_ = name.Set(s, "ann") // written by the new codec; the city stays as it was
		})
	}
	want(t, "store calls", a.store.Ops(), "create load load save load save load save")

	b2 := b
	unaware := a.as(sessions.Options{Codec: upper{"other"}, OldCodecs: []sessions.Codec{sessions.JSON}})
	a.as(managers[2]).within(b2, func(_ context.Context, s *sessions.Session) { _ = name.Set(s, "bob") })
	unaware.within(b2, func(_ context.Context, s *sessions.Session) {
		_, err := name.Get(s)
		var ce *sessions.CodecError
		if !errors.As(err, &ce) || !strings.Contains(err.Error(), `"upper"`) || !strings.Contains(err.Error(), "OldCodecs") {
			t.Errorf("a codec that is not known: %v, want a CodecError that names it", err)
		}
		c, err := city.Get(s)
		want(t, "another value of the session", c, "rome")
		want(t, "its error", err, nil)
	})
}

// TestR119_OnlyCodecsThatOptionsNameAreRead: a store full of gob reaches no
// manager that does not ask for it.
func TestR119_OnlyCodecsThatOptionsNameAreRead(t *testing.T) {
	for _, c := range []struct{ wrote, unaware, aware sessions.Options }{
		{sessions.Options{Codec: sessions.Gob}, sessions.Options{}, sessions.Options{OldCodecs: []sessions.Codec{sessions.Gob}}},
		{sessions.Options{}, sessions.Options{Codec: sessions.Gob}, sessions.Options{Codec: sessions.Gob, OldCodecs: []sessions.Codec{sessions.JSON}}},
	} {
		a, b := fresh(t, c.wrote)
		a.within(b, func(_ context.Context, s *sessions.Session) { want(t, "Set", counter.Set(s, 1), nil) })
		a.as(c.unaware).within(b, func(_ context.Context, s *sessions.Session) {
			_, err := counter.Get(s)
			var ce *sessions.CodecError
			if !errors.As(err, &ce) || !strings.Contains(err.Error(), "Options.OldCodecs") {
				t.Errorf("Get: %v, want a CodecError that names OldCodecs", err)
			}
		})
		a.as(c.aware).within(b, func(_ context.Context, s *sessions.Session) {
			n, err := counter.Get(s)
			want(t, "value", n, 1)
			want(t, "error", err, nil)
		})
	}
}
