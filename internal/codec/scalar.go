package codec

import (
	"encoding/binary"
	"strconv"
)

// Most values in sessions are counters, flags and ids. For these a call of
// package json costs more than all else that a read does, so what is plain is
// read and written here, and package json has the rest. Both give the same
// bytes, values and errors.

// marshalScalar writes an int, an int64, a bool or a plain string as JSON.
func marshalScalar(v any) ([]byte, bool) {
	switch v := v.(type) {
	case int:
		return strconv.AppendInt(nil, int64(v), 10), true
	case int64:
		return strconv.AppendInt(nil, v, 10), true
	case bool:
		return strconv.AppendBool(nil, v), true
	case string:
		quoted := append(append(append(make([]byte, 0, len(v)+2), '"'), v...), '"')
		return quoted, plain(quoted[1 : len(v)+1])
	}
	return nil, false
}

// unmarshalScalar reads what marshalScalar writes.
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
	for ; len(s) >= 8; s = s[8:] {
		if special(binary.LittleEndian.Uint64(s)) {
			return false
		}
	}
	for _, c := range s {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// special reports whether one of eight bytes is not plain.
func special(x uint64) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	zero := func(x uint64) uint64 { return (x - ones) &^ x } // its high bits: a byte is zero
	return (x|(x-ones*' ')|zero(x^ones*'"')|zero(x^ones*'\\')|zero(x^ones*0x7f))&highs != 0
}
