package token

import (
	"net/textproto"
	"strings"
)

// Found says how often a cookie was sent.
type Found uint8

// A cookie is there once, also if it was sent twice with one value; Many are
// different values.
const (
	None Found = iota
	One
	Many
)

// maxCookies is from how many cookies on net/http sees none.
const maxCookies = 3000

// FromHeader finds a cookie in the lines of a Cookie header, which it reads as
// net/http does, but for the value: that is given as it was sent, in quotes
// if it was. The order of two cookies of one name says nothing about which is
// ours (RFC 6265bis), so two different values are none.
func FromHeader(lines []string, name string) (value string, found Found) {
	count := 0
	for _, line := range lines {
		if count += strings.Count(line, ";") + 1; count > maxCookies {
			return "", None
		}
	}
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ";") {
			n, v, _ := strings.Cut(textproto.TrimString(part), "=")
			switch {
			case textproto.TrimString(n) != name:
			case found == None:
				value, found = v, One
			case v != value:
				return "", Many
			}
		}
	}
	return value, found
}
