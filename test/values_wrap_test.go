package test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions"
)

type whole struct {
	Theme   string `session:"theme"`
	Counter int    `session:"counter"`
	Tags    map[string]int
	Note    *string
	Skipped string `session:"-"`
	hidden  string
}

func wrap(t *testing.T, s *sessions.Session) *sessions.Typed[whole] {
	w, err := sessions.Wrap[whole](s)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWrap_FieldsAreKeys(t *testing.T) {
	codecs(t, func(t *testing.T, codec sessions.Codec) {
		a, b := fresh(t, sessions.Options{Codec: codec})
		note := "hello"
		a.within(b, func(_ context.Context, s *sessions.Session) {
			wrap(t, s).Data = whole{Theme: "dark", Counter: 3, Tags: map[string]int{"a": 1, "b": 2}, Note: &note, Skipped: "x", hidden: "y"}
		})
		a.within(b, func(_ context.Context, s *sessions.Session) {
			n, err := counter.Get(s)
			want(t, "by its key", n, 3)
			want(t, "error", err, nil)
			if diff := cmp.Diff([]string{"Note", "Tags", "counter", "theme"}, slices.Collect(s.Keys())); diff != "" {
				t.Errorf("keys (-want +got)\n%s", diff)
			}
			w := wrap(t, s)
			want(t, "pointer", *w.Data.Note, "hello")
			want(t, "left out", w.Data.Skipped+w.Data.hidden, "")
		})
		want(t, "reading saves nothing", a.store.Ops(), "create load")
		a.within(b, func(_ context.Context, s *sessions.Session) {
			w := wrap(t, s)
			w.Data.Note, w.Data.Theme = nil, ""
		})
		a.within(b, func(_ context.Context, s *sessions.Session) {
			want(t, "a nil pointer is no key", s.Has("Note"), false)
			want(t, "an empty string is one", s.Has("theme"), true)
		})
	})
}

func TestWrap_ParallelChangesOfFieldsAreKept(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) { wrap(t, s).Data.Theme = "dark" })
	a.within(b, func(_ context.Context, s *sessions.Session) {
		wrap(t, s).Data.Counter = 7
		a.overtake(b, func(s *sessions.Session) { wrap(t, s).Data.Theme = "light" })
	})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		w := wrap(t, s)
		want(t, "theme", w.Data.Theme, "light")
		want(t, "counter", w.Data.Counter, 7)
	})
}

func TestWrap_ZeroStructCreatesNothing(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) { _ = wrap(t, s) })
	want(t, "store calls", a.store.Ops(), "")
}

func TestWrap_Misuse(t *testing.T) {
	a, b := fresh(t, sessions.Options{Undecodable: sessions.UndecodableError})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		_, noStruct := sessions.Wrap[int](s)
		_, pointer := sessions.Wrap[*whole](s)
		_, noField := sessions.Wrap[struct{ hidden int }](s)
		_, twice := sessions.Wrap[struct {
			A int `session:"a"`
			B int `session:"a"`
		}](s)
		_ = s.Set("theme", 1)
		_, wrongType := sessions.Wrap[whole](s)
		for text, err := range map[string]error{
			"needs a struct, not int":         noStruct,
			"needs a struct, not *":           pointer,
			"no exported field":               noField,
			`fields A and B are both the key`: twice,
			`decode "theme"`:                  wrongType,
		} {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("got error %v, want one with %q", err, text)
			}
		}
		var ce *sessions.CodecError
		want(t, "a wrong type is a CodecError", errors.As(wrongType, &ce), true)
	})
}

type common struct{ Name string }

type promoting struct {
	common
	Age int
}

func TestTyped_PromotedFieldsAreSaved(t *testing.T) {
	const key = sessions.Key[promoting]("profile")
	a, b := fresh(t, sessions.Options{})
	b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		_ = key.Set(s, promoting{common{"Ann"}, 1})
	})
	b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { open(t, key, s).Data.Name = "Bob" })
	b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		want(t, "name", open(t, key, s).Data, promoting{common{"Bob"}, 1})
	})
}

func TestWrap_RefusesFieldsThatItWouldLose(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		if _, err := sessions.Wrap[promoting](s); err == nil || !strings.Contains(err.Error(), "common") {
			t.Errorf("Wrap of a struct whose promoted fields would be lost: %v", err)
		}
	})
}
