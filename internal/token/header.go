package token

import (
	"net/textproto"
	"slices"
	"strings"
)

// MaxValues is how many different values of one name are looked at.
const MaxValues = 4

// Values are the different values that a request brings in one place, those
// that a sealer opens. If there is none of that kind, it is the first other one.
type Values struct {
	Of [MaxValues]string
	N  int
}

// add notes a value, unless it is empty or there already. Whether it is a token
// matters only if it is not alone: then a value that the sealer does not open,
// such as one that somebody has made up, takes no place.
func (v *Values) add(value string, s *Sealer) {
	switch {
	case value == "" || slices.Contains(v.Of[:v.N], value):
	case v.N == 0:
		v.Of[0], v.N = value, 1
	case v.N == MaxValues || !s.opens(value):
	case v.N == 1 && !s.opens(v.Of[0]):
		v.Of[0] = value
	default:
		v.Of[v.N] = value
		v.N++
	}
}

// opens reports whether a value is a token by its form: the store is not asked.
func (s *Sealer) opens(value string) bool {
	_, _, ok := s.Open(value)
	return ok
}

// Plausible reports whether one of the values is a token by its form.
func (v *Values) Plausible(s *Sealer) bool { return slices.ContainsFunc(v.Of[:v.N], s.opens) }

// Set makes a value the only one, unless it is empty: then there is none.
func (v *Values) Set(value string) {
	*v = Values{}
	v.add(value, nil)
}

// maxCookies is from how many cookies on net/http sees none.
const maxCookies = 3000

// AddCookies adds the values of a cookie in the lines of a Cookie header, which
// it reads as net/http does: one pair of quotes around a value is removed, and
// of too many cookies nothing is left. The order of cookies of one name says
// nothing about which is ours (RFC 6265bis).
func (v *Values) AddCookies(lines []string, name string, s *Sealer) {
	count := 0
	for _, line := range lines {
		for part, more := "", true; more; {
			if count++; count > maxCookies {
				*v = Values{}
				return
			}
			part, line, more = strings.Cut(line, ";")
			n, value, _ := strings.Cut(textproto.TrimString(part), "=")
			if textproto.TrimString(n) != name {
				continue
			}
			if last := len(value) - 1; last > 0 && value[0] == '"' && value[last] == '"' {
				value = value[1:last]
			}
			v.add(value, s)
		}
	}
}
