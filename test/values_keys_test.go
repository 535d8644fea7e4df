package test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions"
)

// keep stores v under a key, reads it in the next request and returns that.
func keep[T any](t testing.TB, codec sessions.Codec, v T) (got T, err error) {
	const k = sessions.Key[T]("k")
	a, b := fresh(t, sessions.Options{Codec: codec})
	a.within(b, func(_ context.Context, s *sessions.Session) { err = k.Set(s, v) })
	if err == nil {
		a.within(b, func(_ context.Context, s *sessions.Session) { got, err = k.Get(s) })
	}
	return got, err
}

func kept[T any](t *testing.T, v T) {
	t.Helper()
	for _, codec := range []sessions.Codec{sessions.JSON, sessions.Gob} {
		got, err := keep(t, codec, v)
		if diff := cmp.Diff(v, got); diff != "" || err != nil {
			t.Errorf("%s: error %v (-want +got)\n%s", codec.Name(), err, diff)
		}
	}
}

func TestR51_ValuesAreExact(t *testing.T) {
	kept(t, int64(1<<53+1))
	kept(t, int64(math.MaxInt64))
	kept(t, int64(math.MinInt64))
	kept(t, uint64(math.MaxUint64))
	kept(t, math.MaxFloat64)
	kept(t, 0.1)
	kept(t, "")
	kept(t, "emoji 🙂, \x00 and \u2028 <b>&amp;")
	kept(t, []byte{0, 255, 128})
	kept(t, []int{1, 2})
	empty, err := keep(t, sessions.JSON, [2][]int{nil, {}})
	if empty[0] != nil || empty[1] == nil || err != nil {
		t.Errorf("nil and an empty slice: %#v, error %v", empty, err)
	}
	kept(t, [3]bool{true, false, true})
	kept(t, struct {
		A *int
		B map[string]string
	}{B: map[string]string{"x": "y"}})
}

func TestR51_IntegerThatNoFloatHoldsIsAnErrorInAnInterface(t *testing.T) {
	got, err := keep[any](t, sessions.JSON, uint64(1<<53+1))
	var codec *sessions.CodecError
	if !errors.As(err, &codec) || got != nil {
		t.Errorf("got %v, error %v; want a CodecError", got, err)
	}
	got, err = keep[any](t, sessions.JSON, int64(1)<<53)
	if got != float64(1<<53) || err != nil {
		t.Errorf("got %v, error %v; want 2^53", got, err)
	}
}

type ring struct{ Next *ring }

func deep(n int) any {
	var v any
	for range n {
		v = []any{v}
	}
	return v
}

func TestR51_WhatCannotBeEncodedIsAnError(t *testing.T) {
	cycle := &ring{}
	cycle.Next = cycle
	self := map[string]any{}
	self["self"] = self
	for name, v := range map[string]any{
		"chan":          make(chan int),
		"func":          func() {},
		"cycle":         cycle,
		"map in itself": self,
		"NaN":           math.NaN(),
		"invalid UTF-8": "a\xffb",
		"10001 deep":    deep(10_001),
	} {
		for _, codec := range []sessions.Codec{sessions.JSON, sessions.Gob} {
			if gobKeeps := codec == sessions.Gob && (name == "NaN" || name == "invalid UTF-8"); gobKeeps {
				continue
			}
			t.Run(codec.Name()+"/"+name, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{Codec: codec})
				a.within(b, func(_ context.Context, s *sessions.Session) {
					_ = s.Set("k", "before")
					err := s.Set("k", v)
					var ce *sessions.CodecError
					if !errors.As(err, &ce) || ce.Op != "encode" || ce.Key != "k" {
						t.Errorf("Set: %v, want a CodecError", err)
					}
					var got string
					ok, err := s.Get("k", &got)
					if got != "before" || !ok || err != nil {
						t.Errorf("afterwards: %q, %t, %v; want the value before", got, ok, err)
					}
				})
			})
		}
	}
}

func TestWrongTypeIsAnError(t *testing.T) {
	for _, codec := range []sessions.Codec{sessions.JSON, sessions.Gob} {
		a, b := fresh(t, sessions.Options{Codec: codec, Undecodable: sessions.UndecodableError})
		a.within(b, func(ctx context.Context, s *sessions.Session) {
			_ = s.Set("counter", "three")
			_, getErr := counter.Get(s)
			_, _, lookupErr := counter.Lookup(s)
			_, updateErr := counter.Update(s, func(int) int { t.Error("f runs on a value of another type"); return 1 })
			_, _, takeErr := counter.Take(s)
			_, openErr := counter.Open(s)
			_, _, claimErr := counter.Claim(ctx, s)
			into := 7
			_, intoErr := s.Get("counter", &into)
			_, noPointer := s.Get("counter", into)
			_, nilPointer := s.Get("counter", (*string)(nil))
			for what, err := range map[string]error{
				"Get": getErr, "Lookup": lookupErr, "Update": updateErr, "Take": takeErr, "Open": openErr, "Claim": claimErr,
				"Session.Get": intoErr, "Get into no pointer": noPointer, "Get into a nil pointer": nilPointer,
			} {
				var ce *sessions.CodecError
				if !errors.As(err, &ce) || ce.Op != "decode" || ce.Key != "counter" {
					t.Errorf("%s %s: %v, want a CodecError", codec.Name(), what, err)
				}
			}
			want(t, "the value is still there", s.Has("counter"), true)
		})
	}
}

func TestOddKeysAreKeys(t *testing.T) {
	odd := []string{"", " ", "\x00", ".", "$", "$ne", "a.b", "line\nbreak", "🙂", "é", "e\u0301", "K", "k", strings.Repeat("k", 1000)}
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		for i, k := range odd {
			if err := s.Set(k, i); err != nil {
				t.Errorf("Set(%q): %v", k, err)
			}
		}
	})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		for i, k := range odd {
			var got int
			if ok, err := s.Get(k, &got); got != i || !ok || err != nil {
				t.Errorf("Get(%q) = %d, %t, %v; want %d", k, got, ok, err, i)
			}
		}
		slices.Sort(odd)
		if diff := cmp.Diff(odd, slices.Collect(s.Keys())); diff != "" {
			t.Errorf("Keys (-want +got)\n%s", diff)
		}
		for range s.Keys() {
			break // an early end is no trouble
		}
		s.Delete("nothing there")
		want(t, "Len", s.Len(), len(odd))
	})
	want(t, "store calls", a.store.Ops(), "create load")
}

func TestR39_SetKeepsNoReferenceToTheValue(t *testing.T) {
	const k = sessions.Key[map[string]int]("k")
	a, b := fresh(t, sessions.Options{})
	a.within(b, func(_ context.Context, s *sessions.Session) {
		v := map[string]int{"a": 1}
		_ = k.Set(s, v)
		v["a"] = 2
		got, _ := k.Get(s)
		want(t, "after the map changed", got["a"], 1)
		got["a"] = 3
		got, _ = k.Get(s)
		want(t, "after what Get returned changed", got["a"], 1)
	})
}

func TestReplay(t *testing.T) {
	const name = sessions.Key[string]("name")
	set := func(s *sessions.Session) { _ = counter.Set(s, 10); _ = name.Set(s, "other") }
	for what, tc := range map[string]struct {
		f       func(s *sessions.Session)
		reply   string
		counter int
		keys    []string
	}{
		"update runs again":       {func(s *sessions.Session) { _, _ = counter.Update(s, func(n int) int { return n + 1 }) }, "200 ", 11, []string{"counter", "name"}},
		"set wins, its key alone": {func(s *sessions.Session) { _ = counter.Set(s, 5) }, "200 ", 5, []string{"counter", "name"}},
		"delete deletes":          {func(s *sessions.Session) { counter.Delete(s) }, "200 ", 0, []string{"name"}},
		"clear takes what came":   {func(s *sessions.Session) { s.Clear(); _ = s.Set("mine", 1) }, "200 ", 0, []string{"mine"}},
		"set back is no change":   {func(s *sessions.Session) { _ = counter.Set(s, 5); _ = counter.Set(s, 1) }, "200 ", 10, []string{"counter", "name"}},
		"set back with another":   {func(s *sessions.Session) { _ = counter.Set(s, 1); _ = s.Set("mine", 1) }, "200 ", 1, []string{"counter", "mine", "name"}},
		"take takes the newer":    {func(s *sessions.Session) { _, _, _ = counter.Take(s) }, "200 ", 0, []string{"name"}},
		"a panic is an error":     {func(s *sessions.Session) { _, _ = counter.Update(s, func(n int) int { return 1 / (10 - n) }) }, "500 Internal Server Error", 10, []string{"counter", "name"}},
		"a value that fits no more": {func(s *sessions.Session) {
			_, _ = name.Update(s, func(v string) string { return v + strings.Repeat("x", 917) })
		}, "500 Internal Server Error", 10, []string{"counter", "name"}},
	} {
		t.Run(what, func(t *testing.T) {
			a := newApp(t, sessions.Options{MaxBytes: 950})
			b := a.browser(count)
			b.get()
			reply := a.within(b, func(_ context.Context, s *sessions.Session) {
				tc.f(s)
				a.overtake(b, set)
			})
			want(t, "reply", reply, tc.reply)
			a.within(b, func(_ context.Context, s *sessions.Session) {
				n, err := counter.Get(s)
				want(t, "counter", n, tc.counter)
				want(t, "error", err, nil)
				if diff := cmp.Diff(tc.keys, slices.Collect(s.Keys())); diff != "" {
					t.Errorf("keys (-want +got)\n%s", diff)
				}
			})
		})
	}
}

func TestClearKeepsWhatIsNamed(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		for _, key := range []string{"a", "b", "c"} {
			_ = s.Set(key, key)
		}
	})
	b.get()
	b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		keep := []string{"b", "d"}
		s.ClearExcept(keep...)
		keep[0] = "a"
		b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { // faster
			_ = s.Set("b", "newer")
			_ = s.Set("d", "new")
			_ = s.Set("e", "new")
		})
	})
	b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		var got []string
		for key := range s.Keys() {
			var v string
			_, err := s.Get(key, &v)
			got = append(got, fmt.Sprint(key, "=", v, err))
		}
		want(t, "values", fmt.Sprint(got), "[b=newer<nil> d=new<nil>]")
	})
}
