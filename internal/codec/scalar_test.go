package codec_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions/internal/codec"
)

// FuzzScalar compares the values that JSON reads and writes by itself with
// package json.
func FuzzScalar(f *testing.F) {
	for _, seed := range []string{
		"0", "-0", "-1", "007", "1e3", "1.0", "123456789012345678", "1234567890123456789", "9223372036854775808", "+1", "-", "",
		"true", "false", "True", `""`, `"a b"`, `"<&>"`, `"\u0041"`, `"ü"`, "\"\x7f\"", "\"\xff\"", `"`, `"a"b"`, "null", " 1 ", "[1]",
	} {
		f.Add([]byte(seed), int64(len(seed)))
	}
	f.Fuzz(func(t *testing.T, data []byte, n int64) {
		for _, v := range []any{n, -n, int(n), n%2 == 0, string(data)} {
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
