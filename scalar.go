package sessions

import "strconv"

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
		if !plain(v) {
			return nil, false
		}
		quoted := make([]byte, 0, len(v)+2)
		return append(append(append(quoted, '"'), v...), '"'), true
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

// plain reports whether a string in JSON is the text between quotes.
func plain[T string | []byte](s T) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
