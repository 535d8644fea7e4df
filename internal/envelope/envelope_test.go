package envelope_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gosessions/sessions/internal/envelope"
)

const id = "01ARZ3NDEKTSV4RRFFQ69G5FAV"

func value(codec, data string) envelope.Value {
	return envelope.Value{Codec: []byte(codec), Data: []byte(data)}
}

// record is a record with the values and the write that it is encoded with.
type record struct {
	envelope.Record
	Values envelope.Values
	write  uint64
	before *envelope.Record
}

func (r *record) Encode(id string) []byte {
	data := r.Record.Encode(id, &r.Values, r.write, r.before)
	r.Values = r.Record.Values()
	return data
}

func decode(id string, data []byte) (*record, error) {
	r := new(record)
	err := r.Decode(id, data)
	if err == nil {
		r.Values = r.Record.Values()
	}
	return r, err
}

func verifier(b ...byte) *envelope.Verifier {
	v := new(envelope.Verifier)
	copy(v[:], b)
	return v
}

func sample() record {
	r := record{Record: envelope.Record{
		Namespace: 1<<63 + 5, Epoch: 300, Verifier: verifier(1, 2, 3),
		Created: 1_700_000_000_123, Since: 1_700_000_100_456, Renewed: 1_700_000_200_789, Idle: 3_600_000,
		Earlier: verifier(4, 5, 6), Elevated: true, Seen: 1_700_000_200_999,
		Policy: envelope.Policy{Kind: 2, A: -7, B: 1 << 50},
	}}
	for op := range uint64(10) {
		before := r
		before.Encode(id)
		r.write, r.before = op+1, &before.Record
	}
	r.Values.Set("b", value("json", `"bee"`))
	r.Values.Set("", value("json", "0"))
	r.Values.Set("a\x00.$", value("gob", ""))
	return r
}

// headerLen returns the length of what comes before the table of codecs.
func headerLen(r record) int {
	const none = 1 + 4 // no codec, no value
	r.Values = envelope.Values{}
	return len(r.Encode(id)) - none
}

// pairs returns what there is to see of values.
func pairs(v *envelope.Values) map[string]string {
	m := map[string]string{}
	for k := range v.Keys() {
		val, ok := v.Get(k)
		m[k] = fmt.Sprintf("%s %q %t", val.Codec, val.Data, ok)
	}
	return m
}

func TestRoundTrip(t *testing.T) {
	for name, r := range map[string]record{
		"full":     sample(),
		"empty":    {Record: envelope.Record{Created: 1, Since: 2, Verifier: verifier()}},
		"renewed":  {Record: envelope.Record{Created: 1, Since: 2, Renewed: 3, Verifier: verifier(), Earlier: verifier()}},
		"backward": {Record: envelope.Record{Created: 9, Since: -8, Renewed: 3, Verifier: verifier(), Earlier: verifier(), Seen: 5}},
	} {
		t.Run(name, func(t *testing.T) {
			before := pairs(&r.Values)
			data := r.Encode(id)
			got, err := decode(id, data)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&r.Record, &got.Record, cmpopts.IgnoreUnexported(envelope.Record{})); diff != "" {
				t.Error("(-encoded +decoded)\n" + diff)
			}
			for what, v := range map[string]*envelope.Values{"decoded": &got.Values, "encoded": &r.Values} {
				if diff := cmp.Diff(before, pairs(v)); diff != "" {
					t.Errorf("%s values (-want +got)\n%s", what, diff)
				}
				if v.Changed() {
					t.Errorf("%s values count as changed", what)
				}
			}
		})
	}
}

func TestRecordRemembersTheLastWrites(t *testing.T) {
	r := sample()
	r.Encode(id)
	for op := range uint64(12) {
		if got, want := r.Marked(op), op >= 3 && op <= 10; got != want {
			t.Errorf("Marked(%d) = %t, want %t", op, got, want)
		}
	}
}

func TestR52_RecordIsBoundToItsID(t *testing.T) {
	r := sample()
	data := r.Encode(id)
	for _, other := range []string{"", id[1:], id + "0", "01ARZ3NDEKTSV4RRFFQ69G5FAW"} {
		if _, err := decode(other, data); !errors.Is(err, envelope.ErrCorrupt) {
			t.Errorf("read as %q: %v, want ErrCorrupt", other, err)
		}
	}
}

// TestR52_IDsThatDifferInTwoCharactersAreToldApart: at places where differences
// could cancel out, eight characters apart.
func TestR52_IDsThatDifferInTwoCharactersAreToldApart(t *testing.T) {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	r := sample()
	data := r.Encode(id)
	for _, at := range [][2]int{{7, 15}, {7, 23}, {15, 23}} {
		for _, first := range []byte(letters) {
			for _, second := range []byte(letters) {
				other := []byte(id)
				other[at[0]], other[at[1]] = first, second
				if _, err := decode(string(other), data); string(other) != id && !errors.Is(err, envelope.ErrCorrupt) {
					t.Errorf("read as %s: %v, want ErrCorrupt", other, err)
				}
			}
		}
	}
}

func TestFutureFormatIsToldApart(t *testing.T) {
	r := sample()
	data := r.Encode(id)
	data[0] = 4
	if _, err := decode(id, data); !errors.Is(err, envelope.ErrFormat) {
		t.Errorf("format 4: %v, want ErrFormat", err)
	}
}

// TestValuesActLikeAMap compares Values with a map under random changes, and
// each state with what a record makes of it.
func TestValuesActLikeAMap(t *testing.T) {
	keys := strings.Split(",a,b,c,d,e,ab,ü,z\x00", ",")
	for seed := range uint64(300) {
		rnd := newRand(seed)
		r := record{}
		model := map[string]string{}
		for range 60 {
			k := keys[rnd.IntN(len(keys))]
			switch n := rnd.IntN(20); {
			case n < 10:
				codec, data := []string{"json", "gob", "x"}[rnd.IntN(3)], strings.Repeat("v", rnd.IntN(5))
				r.Values.Set(k, value(codec, data))
				model[k] = fmt.Sprintf("%s %q true", codec, data)
			case n < 15:
				r.Values.Delete(k)
				delete(model, k)
			case n == 15:
				r.Values.Clear()
				model = map[string]string{}
			case n < 18:
				data := r.Encode(id)
				decoded, err := decode(id, data)
				if err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				r = *decoded
			default:
				r.Values = r.Values.Clone()
			}
			if diff := cmp.Diff(model, pairs(&r.Values)); diff != "" {
				t.Fatalf("seed %d (-want +got)\n%s", seed, diff)
			}
			if r.Values.Len() != len(model) {
				t.Fatalf("seed %d: Len() = %d, want %d", seed, r.Values.Len(), len(model))
			}
			c := r
			c.Values = r.Values.Clone()
			const count = 1 + 4
			names := len(c.Encode(id)) - headerLen(c) - count - r.Values.Size()
			if names < 0 || names > 3*6 {
				t.Fatalf("seed %d: Size() is off by %d bytes", seed, names)
			}
		}
	}
}

func TestChangedComparesWithTheRecord(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*envelope.Values)
		want   bool
	}{
		"nothing":           {func(*envelope.Values) {}, false},
		"the same value":    {func(v *envelope.Values) { v.Set("b", value("json", `"bee"`)) }, false},
		"another value":     {func(v *envelope.Values) { v.Set("b", value("json", `"fly"`)) }, true},
		"another codec":     {func(v *envelope.Values) { v.Set("b", value("gob", `"bee"`)) }, true},
		"there and back":    {func(v *envelope.Values) { v.Set("b", value("", "")); v.Set("b", value("json", `"bee"`)) }, false},
		"new and gone":      {func(v *envelope.Values) { v.Set("n", value("", "")); v.Delete("n") }, false},
		"gone":              {func(v *envelope.Values) { v.Delete("b") }, true},
		"absent stays so":   {func(v *envelope.Values) { v.Delete("n") }, false},
		"gone and back":     {func(v *envelope.Values) { v.Delete("b"); v.Set("b", value("json", `"bee"`)) }, false},
		"cleared":           {func(v *envelope.Values) { v.Clear() }, true},
		"cleared, one back": {func(v *envelope.Values) { v.Clear(); v.Set("b", value("json", `"bee"`)) }, true},
		"cleared, all back": {func(v *envelope.Values) {
			v.Clear()
			v.Set("b", value("json", `"bee"`))
			v.Set("", value("json", "0"))
			v.Set("a\x00.$", value("gob", ""))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := sample()
			r.Encode(id)
			tc.change(&r.Values)
			if got := r.Values.Changed(); got != tc.want {
				t.Errorf("Changed() = %t, want %t", got, tc.want)
			}
		})
	}
}

func TestClonesAreApart(t *testing.T) {
	r := sample()
	r.Encode(id)
	a := r.Values
	a.Set("b", value("json", "1"))
	a.Set("c", value("json", "1"))
	b := a.Clone()
	b.Set("b", value("json", "2"))
	b.Delete("c")
	a.Set("d", value("json", "1"))
	for name, tc := range map[string]struct {
		v    *envelope.Values
		want map[string]string
	}{
		"original": {&a, map[string]string{"b": `json "1" true`, "c": `json "1" true`, "d": `json "1" true`}},
		"clone":    {&b, map[string]string{"b": `json "2" true`}},
	} {
		tc.want[""], tc.want["a\x00.$"] = `json "0" true`, `gob "" true`
		if diff := cmp.Diff(tc.want, pairs(tc.v)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

// TestAppendingToAValueLeavesItsNeighbours: a codec is told not to, and can do
// no harm.
func TestAppendingToAValueLeavesItsNeighbours(t *testing.T) {
	r := sample()
	r.Encode(id)
	before := pairs(&r.Values)
	for k := range r.Values.Keys() {
		v, _ := r.Values.Get(k)
		_ = append(v.Data, "more"...)
		_ = append(v.Codec, "more"...)
	}
	if diff := cmp.Diff(before, pairs(&r.Values)); diff != "" {
		t.Errorf("values (-want +got)\n%s", diff)
	}
}
