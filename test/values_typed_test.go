package test

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions"
)

type address struct{ City string }

type person struct {
	address // embedded, not exported: not kept
	Name    string
	Age     int
	Seen    time.Time
	Tags    []string
	Extra   map[string]int
	Boss    *string
	Home    address
}

const personKey = sessions.Key[person]("person")

var now = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

func codecs(t *testing.T, f func(t *testing.T, codec sessions.Codec)) {
	for _, codec := range []sessions.Codec{sessions.JSON, sessions.Gob} {
		t.Run(codec.Name(), func(t *testing.T) { f(t, codec) })
	}
}

// open opens a key in a request, and is sure that it can.
func open[T any](t *testing.T, k sessions.Key[T], s *sessions.Session) *sessions.Typed[T] {
	typed, err := k.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	return typed
}

func TestTyped_WhatChangedIsSaved(t *testing.T) {
	codecs(t, func(t *testing.T, codec sessions.Codec) {
		a, b := fresh(t, sessions.Options{Codec: codec})
		boss := "Eve"
		full := person{Name: "Ann", Age: 7, Seen: now, Tags: []string{"a"}, Extra: map[string]int{"x": 1, "y": 2, "z": 3}, Boss: &boss, Home: address{"Rome"}}
		a.within(b, func(_ context.Context, s *sessions.Session) { open(t, personKey, s).Data = full })
		want(t, "the first time", a.store.Ops(), "create")
		a.within(b, func(_ context.Context, s *sessions.Session) {
			if diff := cmp.Diff(full, open(t, personKey, s).Data, cmp.AllowUnexported(person{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
		want(t, "read only", a.store.Ops(), "load")
		a.within(b, func(_ context.Context, s *sessions.Session) { open(t, personKey, s).Data.Extra["x"] = 9 })
		want(t, "an entry of a map", a.store.Ops(), "load save")
		a.within(b, func(_ context.Context, s *sessions.Session) {
			p := open(t, personKey, s)
			want(t, "the entry", p.Data.Extra["x"], 9)
			p.Data.Extra["x"] = 10
			p.Data.Extra["x"] = 9
		})
		want(t, "changed and changed back", a.store.Ops(), "load")
		a.within(b, func(_ context.Context, s *sessions.Session) { open(t, personKey, s).Data.Boss = nil })
		a.within(b, func(_ context.Context, s *sessions.Session) {
			want(t, "pointer set to nil", open(t, personKey, s).Data.Boss, nil)
		})
	})
}

func TestTyped_ZeroOfAnAbsentKeyCreatesNothing(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) { _ = open(t, personKey, s) })
	want(t, "store calls", a.store.Ops(), "")
	want(t, "cookie", b.token(), "")
}

func TestTyped_FieldsOfParallelRequestsAreMerged(t *testing.T) {
	codecs(t, func(t *testing.T, codec sessions.Codec) {
		a, b := fresh(t, sessions.Options{Codec: codec})
		a.within(b, func(_ context.Context, s *sessions.Session) {
			open(t, personKey, s).Data = person{Name: "Ann", Age: 1, Extra: map[string]int{"x": 1}}
		})
		a.within(b, func(_ context.Context, s *sessions.Session) {
			p := open(t, personKey, s)
			p.Data.Age, p.Data.Extra = 2, map[string]int{"mine": 1}
			a.overtake(b, func(s *sessions.Session) {
				other := open(t, personKey, s)
				other.Data.Name, other.Data.Home.City, other.Data.Extra = "Bob", "Rome", nil
			})
		})
		a.within(b, func(_ context.Context, s *sessions.Session) {
			got, err := personKey.Get(s)
			merged := person{Name: "Bob", Age: 2, Home: address{"Rome"}, Extra: map[string]int{"mine": 1}}
			if diff := cmp.Diff(merged, got, cmp.AllowUnexported(person{})); diff != "" || err != nil {
				t.Errorf("error %v (-want +got)\n%s", err, diff)
			}
		})
	})
}

func TestTyped_FieldOfAValueThatIsGoneIsKept(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		open(t, personKey, s).Data = person{Name: "Ann", Age: 1}
		_ = counter.Set(s, 1)
	})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		open(t, personKey, s).Data.Age = 2
		a.overtake(b, func(s *sessions.Session) { personKey.Delete(s) })
	})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		got, _ := personKey.Get(s)
		want(t, "age", got.Age, 2)
		want(t, "name", got.Name, "")
	})
}

// celsius encodes itself, and keeps more than its exported fields.
type celsius struct {
	Label   string
	degrees int
}

func (c celsius) MarshalJSON() ([]byte, error) { return json.Marshal([]any{c.Label, c.degrees}) }

func (c *celsius) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &[]any{&c.Label, &c.degrees})
}

func TestTyped_WhatEncodesItselfIsOneWhole(t *testing.T) {
	const k = sessions.Key[celsius]("temperature")
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) { open(t, k, s).Data = celsius{"a", 1} })
	a.within(b, func(_ context.Context, s *sessions.Session) {
		open(t, k, s).Data.degrees = 2
		a.overtake(b, func(s *sessions.Session) { open(t, k, s).Data.Label = "b" })
	})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		got, _ := k.Get(s)
		want(t, "the last change", got, celsius{"a", 2})
	})
	kept := sessions.Key[time.Time]("when")
	a.within(b, func(_ context.Context, s *sessions.Session) { open(t, kept, s).Data = now })
	a.within(b, func(_ context.Context, s *sessions.Session) {
		want(t, "a time", open(t, kept, s).Data.Equal(now), true)
	})
}

func TestTyped_OtherThanAStruct(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	add := func(_ context.Context, s *sessions.Session) { open(t, counter, s).Data++ }
	a.within(b, add)
	a.within(b, add)
	a.within(b, func(_ context.Context, s *sessions.Session) {
		want(t, "an int", open(t, counter, s).Data, 2)
		list := open(t, sessions.Key[[]string]("list"), s)
		list.Data = append(list.Data, "x")
	})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		want(t, "a slice", strings.Join(open(t, sessions.Key[[]string]("list"), s).Data, " "), "x")
		want(t, "a pointer that is nil", open(t, sessions.Key[*person]("nil"), s).Data, nil)
	})
}

func TestTyped_DestroyForgetsIt(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	a.within(b, count1)
	a.within(b, func(_ context.Context, s *sessions.Session) {
		p := open(t, personKey, s)
		p.Data.Name = "Ann"
		s.Destroy()
		p.Data.Name = "Bob"
	})
	want(t, "cookie", b.token(), "")
	want(t, "store calls", a.store.Ops(), "create load load delete")
}

func count1(_ context.Context, s *sessions.Session) { _ = counter.Set(s, 1) }

func TestTyped_DataThatCannotBeEncodedIsAnErrorPage(t *testing.T) {
	type odd struct {
		Name string
		F    any
	}
	const k = sessions.Key[odd]("odd")
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) { open(t, k, s).Data.Name = "before" })
	reply := a.within(b, func(_ context.Context, s *sessions.Session) {
		p := open(t, k, s)
		p.Data.Name, p.Data.F = "after", func() {}
		_ = counter.Set(s, 1)
	})
	want(t, "reply", reply, "500 Internal Server Error")
	a.within(b, func(_ context.Context, s *sessions.Session) {
		got, err := k.Get(s)
		want(t, "stored", got.Name, "before")
		want(t, "error", err, nil)
		want(t, "nothing else was saved", s.Has("counter"), false)
	})
}

func TestHandle(t *testing.T) {
	a := newApp(t, sessions.Options{Undecodable: sessions.UndecodableError})
	calls := 0
	h := a.Handler(personKey.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, p *sessions.Typed[person]) {
		calls++
		p.Data.Age++
	}))
	b := &browser{h: h, cookies: map[string]string{}}
	b.get()
	b.get()
	a.within(b, func(_ context.Context, s *sessions.Session) {
		got, _ := personKey.Get(s)
		want(t, "age", got.Age, 2)
		_ = s.Set("person", []int{1})
	})
	b.h = h
	want(t, "a value of another type", text(b.do(httptest.NewRequest("GET", "/", nil))), "500 Internal Server Error")
	want(t, "calls of the handler", calls, 2)
}

// TestTyped_MinusZeroIsAChange: what == takes for equal may be encoded
// otherwise.
func TestTyped_MinusZeroIsAChange(t *testing.T) {
	type reading struct {
		Degrees float64
		At      time.Time
	}
	const key = sessions.Key[reading]("reading")
	codecs(t, func(t *testing.T, codec sessions.Codec) {
		a, b := fresh(t, sessions.Options{Codec: codec})
		a.within(b, func(_ context.Context, s *sessions.Session) { open(t, key, s).Data.At = now })
		a.store.Ops()
		a.within(b, func(_ context.Context, s *sessions.Session) { open(t, key, s).Data.At = now })
		want(t, "store calls of the same value", a.store.Ops(), "load")
		a.within(b, func(_ context.Context, s *sessions.Session) { open(t, key, s).Data.Degrees = math.Copysign(0, -1) })
		if codec.Name() == "json" { // gob leaves zeros out, minus zero too
			want(t, "store calls of minus zero", a.store.Ops(), "load save")
			a.within(b, func(_ context.Context, s *sessions.Session) {
				want(t, "minus zero", math.Signbit(open(t, key, s).Data.Degrees), true)
			})
		}
	})
}
