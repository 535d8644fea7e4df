package codec_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions/internal/codec"
)

// long is longer than what is scanned eight bytes at a time.
var long = strings.Repeat("0123456789", 7)

// FuzzScalar compares the values that JSON reads and writes by itself with
// package json.
func FuzzScalar(f *testing.F) {
	for _, seed := range []string{
		"0", "-0", "-1", "007", "1e3", "1.0", "123456789012345678", "1234567890123456789", "9223372036854775808", "+1", "-", "",
		"true", "false", "True", `""`, `"a b"`, `"<&>"`, `"\u0041"`, `"ü"`, "\"\x7f\"", "\"\xff\"", `"`, `"a"b"`, "null", " 1 ", "[1]",
		`"` + long + `"`, `"` + long + `\\"`, `"` + long + `ü"`, `"` + long + "\x7f\"", `"` + long + "\x1f" + long + `"`, `"` + long + `"` + long + `"`,
	} {
		f.Add([]byte(seed), int64(len(seed)))
	}
	f.Fuzz(func(t *testing.T, data []byte, n int64) {
		m, is, text := int(n), n%2 == 0, string(data)
		for _, v := range []any{n, -n, m, is, text, &n, &m, &is, &text, (*int)(nil), (*int64)(nil), (*bool)(nil), (*string)(nil)} {
			wrote, err := codec.JSON{}.Marshal(v)
			wanted, wantErr := json.Marshal(v)
			if (err != nil) != (wantErr != nil) || string(wrote) != string(wanted) {
				t.Fatalf("Marshal(%T %v) = %q, %v; want %q, %v", v, v, wrote, err, wanted, wantErr)
			}
		}
		for _, into := range []any{new(int), new(int64), new(bool), new(string)} {
			wanted := reflect.New(reflect.TypeOf(into).Elem()).Interface()
			err, wantErr := codec.JSON{}.Unmarshal(data, into), json.Unmarshal(data, wanted)
			if fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Fatalf("Unmarshal(%q) into a %T: %v, want %v", data, into, err, wantErr)
			}
			if diff := cmp.Diff(wanted, into); diff != "" {
				t.Fatalf("Unmarshal(%q) into a %T (-want +got):\n%s", data, into, diff)
			}
		}
	})
}

// TestEachByteInEachPlace puts each byte at each place of strings that are
// scanned in different ways.
func TestEachByteInEachPlace(t *testing.T) {
	for _, n := range []int{1, 7, 8, 9, 31, 63, 64, 65, 100} {
		for i := range n {
			for c := range 256 {
				b := []byte(strings.Repeat("a", n))
				b[i] = byte(c)
				quoted, err := json.Marshal(string(b))
				wrote, gotErr := codec.JSON{}.Marshal(string(b))
				if (gotErr != nil) != (err != nil) || string(wrote) != string(quoted) {
					t.Fatalf("Marshal(%q) = %q, %v; want %q, %v", b, wrote, gotErr, quoted, err)
				}
				var got, want string
				text := append(append([]byte{'"'}, b...), '"')
				gotErr, err = codec.JSON{}.Unmarshal(text, &got), json.Unmarshal(text, &want)
				if (gotErr != nil) != (err != nil) || got != want {
					t.Fatalf("Unmarshal(%q) = %q, %v; want %q, %v", text, got, gotErr, want, err)
				}
			}
		}
	}
}

func TestValuesOfAKnownType(t *testing.T) {
	known(t, 12345, 1, 0)
	known(t, int64(-12345), 1, 0)
	known(t, true, 1, 0)
	known(t, long, 1, 1)
	known(t, "\u00fc\x00", -1, -1)
	known(t, (*int)(nil), -1, -1)
	known(t, struct{ Name string }{"Ann"}, -1, -1)
	if v, err := codec.UnmarshalJSON[struct{ A, B int }]([]byte(`{"A":1,"B":"x"}`)); err == nil || v.A != 0 {
		t.Errorf("half a value: %v, error %v", v, err)
	}
}

// known encodes and decodes a value, with so many allocations at most unless
// they are negative.
func known[T comparable](t *testing.T, v T, marshal, unmarshal float64) {
	t.Helper()
	data, err := codec.MarshalJSON(v)
	wanted, wantErr := codec.JSON{}.Marshal(v)
	if string(data) != string(wanted) || err != nil || wantErr != nil {
		t.Errorf("MarshalJSON(%v) = %q, %v; want %q, %v", v, data, err, wanted, wantErr)
	}
	if got, err := codec.UnmarshalJSON[T](data); got != v || err != nil {
		t.Errorf("UnmarshalJSON(%q) = %v, %v; want %v", data, got, err, v)
	}
	if got := testing.AllocsPerRun(100, func() { _, _ = codec.MarshalJSON(v) }); marshal >= 0 && got > marshal {
		t.Errorf("MarshalJSON(%v): %v allocations, want %v", v, got, marshal)
	}
	if got := testing.AllocsPerRun(100, func() { _, _ = codec.UnmarshalJSON[T](data) }); unmarshal >= 0 && got > unmarshal {
		t.Errorf("UnmarshalJSON(%q): %v allocations, want %v", data, got, unmarshal)
	}
}
