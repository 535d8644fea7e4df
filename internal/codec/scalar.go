package codec

import (
	"bytes"
	"encoding/binary"
	"strconv"
)

// Most values in sessions are counters, flags and ids. For these, a call of
// package json costs more than the rest of a read. So the functions of this
// file read and write the simplest values, and package json has the rest. Both
// give the same bytes, values and errors.

// marshalScalar encodes an int, an int64, a bool or a plain string as JSON, or
// the one that v points to. It reports whether v is one of these.
func marshalScalar(v any) ([]byte, bool) {
	switch v := v.(type) {
	case int:
		return marshalInt(int64(v)), true
	case *int:
		if v != nil {
			return marshalInt(int64(*v)), true
		}
	case int64:
		return marshalInt(v), true
	case *int64:
		if v != nil {
			return marshalInt(*v), true
		}
	case bool:
		return strconv.AppendBool(nil, v), true
	case *bool:
		if v != nil {
			return strconv.AppendBool(nil, *v), true
		}
	case string:
		return marshalString(v)
	case *string:
		if v != nil {
			return marshalString(*v)
		}
	}
	return nil, false
}

func marshalInt(n int64) []byte { return strconv.AppendInt(nil, n, 10) }

func marshalString(s string) ([]byte, bool) {
	quoted := append(append(append(make([]byte, 0, len(s)+2), '"'), s...), '"')
	return quoted, plain(quoted[1 : len(s)+1])
}

// unmarshalScalar decodes what marshalScalar writes into the value that the
// pointer v points to. It reports whether it could; if not, the value is
// unchanged.
func unmarshalScalar(data []byte, v any) bool {
	switch v := v.(type) {
	case *int:
		n, ok := integer(data)
		if ok = ok && int64(int(n)) == n; ok {
			*v = int(n)
		}
		return ok
	case *int64:
		n, ok := integer(data)
		if ok {
			*v = n
		}
		return ok
	case *bool:
		is := string(data) == "true"
		if is || string(data) == "false" {
			*v = is
			return true
		}
	case *string:
		if n := len(data) - 1; n > 0 && data[0] == '"' && data[n] == '"' && plain(data[1:n]) {
			*v = string(data[1:n])
			return true
		}
	}
	return false
}

// integer reads an integer of up to 18 digits as strconv writes it.
func integer(data []byte) (n int64, ok bool) {
	digits := data
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) == 0 || len(digits) > 18 || digits[0] == '0' && len(data) > 1 {
		return 0, false
	}
	for _, d := range digits {
		if d < '0' || d > '9' {
			return 0, false
		}
		n = n*10 + int64(d-'0')
	}
	if len(digits) < len(data) {
		n = -n
	}
	return n, true
}

// plain reports whether a string in JSON is the text between quotes: printable
// ASCII without quotes and backslashes.
func plain(s []byte) bool {
	if len(s) >= 64 {
		return plainLong(s)
	}
	for ; len(s) >= 8; s = s[8:] {
		x := binary.LittleEndian.Uint64(s)
		if (unprintable(x)|zero(x^ones*'"')|zero(x^ones*'\\'))&highs != 0 {
			return false
		}
	}
	return plainShort(s)
}

// plainLong is plain. It reads a long string three times, which is faster.
func plainLong(s []byte) bool {
	if bytes.IndexByte(s, '"') >= 0 || bytes.IndexByte(s, '\\') >= 0 {
		return false
	}
	var found uint64
	at := func(i int) uint64 { return unprintable(binary.LittleEndian.Uint64(s[i:])) }
	for ; len(s) >= 32; s = s[32:] {
		found |= at(0) | at(8) | at(16) | at(24)
	}
	for ; len(s) >= 8; s = s[8:] {
		found |= at(0)
	}
	return found&highs == 0 && plainShort(s)
}

// plainShort is plain, byte by byte.
func plainShort(s []byte) bool {
	for _, c := range s {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

const ones, highs = 0x0101010101010101, 0x8080808080808080

// unprintable sets high bits if one of eight bytes is not printable ASCII.
func unprintable(x uint64) uint64 { return x | (x - ones*' ') | (x + ones) }

// zero sets high bits if one of eight bytes is zero.
func zero(x uint64) uint64 { return (x - ones) &^ x }
