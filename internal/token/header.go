package token

import (
	"net/textproto"
	"strings"
)

// MaxValues is how many different values of one name are looked at.
const MaxValues = 4

// Values are the different values that a request brings in one place, those of
// a token's length. If there is none of that length, it is the first other one.
type Values struct {
	Of [MaxValues]string
	N  int
}

// add notes a value, unless it is empty or there already.
func (v *Values) add(value string, length int) {
	if value == "" || v.N > 0 && len(value) != length {
		return
	}
	if v.N == 1 && len(v.Of[0]) != length {
		v.N = 0
	}
	for _, known := range v.Of[:v.N] {
		if known == value {
			return
		}
	}
	if v.N < MaxValues {
		v.Of[v.N] = value
		v.N++
	}
}

// One returns the one value that there is, or none.
func One(value string) (v Values) {
	v.add(value, len(value))
	return v
}

// maxCookies is from how many cookies on net/http sees none.
const maxCookies = 3000

// FromHeader finds the values of a cookie in the lines of a Cookie header,
// which it reads as net/http does: one pair of quotes around a value is
// removed. The order of cookies of one name says nothing about which is ours
// (RFC 6265bis).
func FromHeader(lines []string, name string, length int) (v Values) {
	count := 0
	for _, line := range lines {
		if count += strings.Count(line, ";") + 1; count > maxCookies {
			return v
		}
	}
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ";") {
			n, value, _ := strings.Cut(textproto.TrimString(part), "=")
			if textproto.TrimString(n) != name {
				continue
			}
			if last := len(value) - 1; last > 0 && value[0] == '"' && value[last] == '"' {
				value = value[1:last]
			}
			v.add(value, length)
		}
	}
	return v
}
