package codec_test

import (
	"bytes"
	"encoding/gob"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions/internal/codec"
)

// number returns an unsigned integer as gob writes it.
func number(n uint64) []byte {
	if n < 128 {
		return []byte{byte(n)}
	}
	var b []byte
	for ; n > 0; n >>= 8 {
		b = append(b, byte(n))
	}
	b = append(b, byte(-len(b)))
	slices.Reverse(b)
	return b
}

// signed returns an integer as gob writes it.
func signed(n int64) []byte {
	if n < 0 {
		return number(uint64(^n)<<1 | 1)
	}
	return number(uint64(n) << 1)
}

// message returns gob data of one message.
func message(parts ...[]byte) []byte {
	b := bytes.Join(parts, nil)
	return append(number(uint64(len(b))), b...)
}

// gobOf returns what the standard library makes of a value.
func gobOf(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// definitions returns the messages of a value's gob data that define types, and
// the id of the value's type.
func definitions(t testing.TB, v any) (b []byte, id []byte) {
	t.Helper()
	data := gobOf(t, v)
	for rest := data; ; {
		n, size := int(rest[0]), 1
		if rest[0] > 127 {
			n, size = int(rest[1]), 2 // enough here
		}
		if body := rest[size : size+n]; len(rest) == size+n {
			n := 1
			if body[0] > 127 {
				n += int(-int8(body[0]))
			}
			return data[:len(data)-len(rest)], body[:n]
		}
		rest = rest[size+n:]
	}
}

type node struct{ Next []node }

type holding struct {
	Name string
	Map  map[string]int
}

// TestR119_GobDataAllocatesNoMoreThanAMultipleOfItself, whatever it declares,
// and is refused at once.
func TestR119_GobDataAllocatesNoMoreThanAMultipleOfItself(t *testing.T) {
	gob.Register(map[string]int{})
	huge := number(1 << 24)
	maps, mapID := definitions(t, map[string]int{"a": 1})
	structs, structID := definitions(t, holding{"a", map[string]int{"a": 1}})
	anys, anyID := definitions(t, []any{map[string]int{"a": 1}})
	slicesOf, sliceID := definitions(t, []string{"a"})
	nodes, nodeID := definitions(t, node{})
	deep := slices.Concat(nodes, message(nodeID, bytes.Repeat([]byte{1, 1}, 1<<20), make([]byte, 1<<20+1)))
	unit := message(signed(-70), []byte{3, 1, 0, 0, 0})                                                // type 70 is a struct without fields
	units := message(signed(-71), []byte{4, 1, 0, 1}, signed(70), []byte{1}, signed(70), []byte{0, 0}) // and 71 a map of them
	for name, c := range map[string]struct {
		data []byte
		into any
	}{
		"a map":                       {slices.Concat(maps, message(mapID, []byte{0}, huge)), new(map[string]int)},
		"a map in a field":            {slices.Concat(structs, message(structID, []byte{2}, huge)), new(holding)},
		"a map in an unknown field":   {slices.Concat(structs, message(structID, []byte{2}, huge)), new(struct{ Name string })},
		"a map in an interface":       {slices.Concat(anys, message(anyID, []byte{0, 1, 14}, []byte("map[string]int"), mapID, number(5), []byte{0}, huge)), new([]any)},
		"a slice":                     {slices.Concat(slicesOf, message(sliceID, []byte{0}, huge)), new([]string)},
		"bytes":                       {message(signed(5), []byte{0}, huge), new([]byte)},
		"a string":                    {message(signed(6), []byte{0}, huge), new(string)},
		"a message":                   {slices.Concat(huge, []byte{4, 0, 2}), new(int)},
		"a map of nothing":            {slices.Concat(unit, units, message(signed(71), []byte{0}, number(1<<24))), nil},
		"a value of a million levels": {deep, new(node)},
		"a type that is not defined":  {message(signed(90), []byte{0, 1}), new(int)},
		"nothing":                     {nil, new(int)},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "a map of nothing" {
				c.into = new(map[struct{ A int }]struct{ A int })
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := codec.Gob{}.Unmarshal(c.data, c.into)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Errorf("%d bytes: no error", len(c.data))
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 64<<10+100*uint64(len(c.data)) {
				t.Errorf("%d bytes allocate %d", len(c.data), n)
			}
			t.Log(err)
		})
	}
}

type (
	shape interface{ area() float64 }
	disk  struct{ Radius float64 }
	frame struct {
		Any   any
		Shape shape
		Next  *frame
		Maps  map[string][]map[int]any
	}
)

func (d disk) area() float64 { return d.Radius * d.Radius }

// TestR119_GobReadsAllThatItWrites: the check in front of package gob refuses
// nothing that a program has stored.
func TestR119_GobReadsAllThatItWrites(t *testing.T) {
	for _, v := range []any{disk{}, frame{}, []any{}, map[string]any{}, map[string]int{}, [2]int{}, []string{}, time.Time{}} {
		gob.Register(v)
	}
	now := time.Date(2026, 3, 1, 10, 0, 0, 5, time.FixedZone("", 3601))
	for _, v := range []any{
		0, -1, math.MaxInt, int64(1 << 40), uint8(200), 1.5, true, "", "text", []byte{0, 1}, []byte{}, complex(1, 2), [0]int{}, [3]int{1, 0, 2}, []string{"", "a"},
		[]int(nil), map[string]int{}, map[string]int{"a": 0}, map[[2]int][]bool{{1}: {true}}, now, map[[2]string]time.Time{{"a"}: now}, new(int),
		big.NewInt(1 << 60), netip.MustParseAddr("::1"), struct{ A, B int }{}, []struct{ A []struct{ B string } }{{}, {A: []struct{ B string }{{"x"}}}},
		node{[]node{{}, {[]node{{}}}}}, holding{}, holding{"a", map[string]int{"b": 2}},
		[]any{}, []any{nil, 1, "a", []string{"b"}, [2]int{3, 4}, map[string]int{"c": 5}, now, disk{1}},
		map[string]any{"a": []any{map[string]any{"b": []string{"c"}, "d": [2]int{}}, []any{[]any{disk{2}}}}},
		frame{Any: frame{Any: []any{frame{Shape: disk{3}}}}, Shape: disk{4}, Next: &frame{Any: map[string]int{"x": 1}}, Maps: map[string][]map[int]any{"m": {{1: [2]int{5, 6}}}}},
	} {
		data, err := codec.Gob{}.Marshal(v)
		if err != nil {
			t.Errorf("%T: %v", v, err)
			continue
		}
		into := reflect.New(reflect.TypeOf(v))
		err = codec.Gob{}.Unmarshal(data, into.Interface())
		sameAddr := cmp.Comparer(func(a, b netip.Addr) bool { return a == b })
		sameInt := cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })
		sameEmpty := cmp.FilterValues(func(a, b any) bool { return empty(a) && empty(b) }, cmp.Ignore())
		if diff := cmp.Diff(v, into.Elem().Interface(), sameAddr, sameInt, sameEmpty); diff != "" || err != nil {
			t.Errorf("%T: error %v (-want +got)\n%s", v, err, diff)
		}
	}
}

func empty(v any) bool {
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Slice, reflect.Map:
		return r.Len() == 0
	}
	return false
}

// TestR119_GobSkipsWhatAStructDoesNotKnow, also an interface with types that
// occur nowhere else.
func TestR119_GobSkipsWhatAStructDoesNotKnow(t *testing.T) {
	gob.Register([]any{})
	gob.Register([]string{})
	type newer struct {
		Extra any
		Name  string
	}
	type older struct{ Name string }
	data, err := codec.Gob{}.Marshal(newer{[]any{[]string{"a"}}, "ann"})
	if err != nil {
		t.Fatal(err)
	}
	var got older
	if err := (codec.Gob{}).Unmarshal(data, &got); err != nil || got.Name != "ann" {
		t.Errorf("%+v, error %v", got, err)
	}
}

func FuzzGob(f *testing.F) {
	gob.Register(map[string]int{})
	gob.Register([]any{})
	for _, v := range []any{1, "a", []any{map[string]int{"a": 1}, []any{}}, holding{"a", map[string]int{"b": 1}}, node{[]node{{}}}, map[string]any{"a": 1}} {
		f.Add(gobOf(f, v))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, into := range []any{new(int), new(string), new([]any), new(holding), new(node), new(map[string]any)} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_ = codec.Gob{}.Unmarshal(data, into)
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > 256<<10+1000*uint64(len(data)) {
				t.Errorf("%d bytes allocate %d", len(data), n)
			}
		}
	})
}
