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
				wrote, ok := codec.MarshalScalar(string(b))
				if plain := err == nil && len(quoted) == n+2 && c != 0x7f && c < 0x80; ok != plain {
					t.Fatalf("%q is plain: %t, want %t", b, ok, plain)
				}
				if ok && string(wrote) != string(quoted) {
					t.Fatalf("Marshal(%q) = %q, want %q", b, wrote, quoted)
				}
			}
		}
	}
}

func TestScalarsStayOnTheStack(t *testing.T) {
	n, text, data := 12345, "abc", []byte("12345")
	for what, f := range map[string]func(){
		"UnmarshalScalar": func() { v := n; codec.UnmarshalScalar(data, &v); n = v },
		"MarshalScalar":   func() { v := n; _, _ = codec.MarshalScalar(&v) },
		"of a string":     func() { v := text; _, _ = codec.MarshalScalar(&v) },
	} {
		if got := testing.AllocsPerRun(100, f); got > 1 {
			t.Errorf("%s: %v allocations, want at most that of the result", what, got)
		}
	}
}
