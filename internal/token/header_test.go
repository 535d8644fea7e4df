package token_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gosessions/sessions/internal/token"
)

func TestFromHeaderFindsTheCookie(t *testing.T) {
	for name, tc := range map[string]struct {
		lines []string
		value string
		found token.Found
	}{
		"no header":            {nil, "", token.None},
		"empty header":         {[]string{""}, "", token.None},
		"alone":                {[]string{"id=v"}, "v", token.One},
		"among others":         {[]string{"a=1; id=v; b=2"}, "v", token.One},
		"in a second line":     {[]string{"a=1", "id=v"}, "v", token.One},
		"without spaces":       {[]string{"a=1;id=v;b=2"}, "v", token.One},
		"with many spaces":     {[]string{"  a=1 ;   id=v  ; b=2"}, "v", token.One},
		"space before the =":   {[]string{"id =v"}, "v", token.One},
		"space after the =":    {[]string{"id= v"}, " v", token.One},
		"value with =":         {[]string{"id=v=w"}, "v=w", token.One},
		"quoted":               {[]string{`id="v"`}, `"v"`, token.One},
		"empty value":          {[]string{"id="}, "", token.One},
		"without =":            {[]string{"id"}, "", token.One},
		"other case":           {[]string{"ID=v; Id=v"}, "", token.None},
		"longer name":          {[]string{"xid=v; idx=v; __Host-id=v"}, "", token.None},
		"nameless":             {[]string{"=id=v; =v"}, "", token.None},
		"twice the same":       {[]string{"id=v; id=v"}, "v", token.One},
		"two values":           {[]string{"id=v; id=w"}, "", token.Many},
		"two values, two line": {[]string{"id=v", "id=w"}, "", token.Many},
		"a value and none":     {[]string{"id=v; id="}, "", token.Many},
		"bare semicolons":      {[]string{";;; id=v ;;"}, "v", token.One},
		"2999 others":          {[]string{strings.Repeat("a=1;", 2999) + "id=v"}, "v", token.One},
		"3000 others":          {[]string{strings.Repeat("a=1;", 3000) + "id=v"}, "", token.None},
		"3000 in other lines":  {[]string{strings.Repeat("a=1;", 3000), "id=v"}, "", token.None},
		"3000 in two lines":    {[]string{strings.Repeat("a=1;", 1500), "id=v;" + strings.Repeat("a=1;", 1500)}, "", token.None},
	} {
		t.Run(name, func(t *testing.T) {
			value, found := token.FromHeader(tc.lines, "id")
			if value != tc.value || found != tc.found {
				t.Errorf("got %q, %d; want %q, %d", value, found, tc.value, tc.found)
			}
		})
	}
}

// FuzzFromHeader compares with net/http. What that finds, we find, as it was
// sent; what it refuses because of its bytes, Parse refuses.
func FuzzFromHeader(f *testing.F) {
	for _, line := range []string{"", "id=v", "a=1; id=v", "id=v; id=w", `id="v"`, "id", "id =v;id", "=id=v", ";id=\x00", "id=a b,c", "id=\\"} {
		f.Add(line, "")
		f.Add("x=y", line)
	}
	f.Fuzz(func(t *testing.T, line, other string) {
		lines := []string{line, other}
		value, found := token.FromHeader(lines, "id")
		cookies := (&http.Request{Header: http.Header{"Cookie": lines}}).CookiesNamed("id")
		sent := func(c *http.Cookie) string {
			if c.Quoted {
				return `"` + c.Value + `"`
			}
			return c.Value
		}
		switch found {
		case token.None:
			if len(cookies) > 0 {
				t.Errorf("none found, net/http finds %q", cookies)
			}
		case token.One:
			for _, c := range cookies {
				if sent(c) != value {
					t.Errorf("found %q, net/http finds %q", value, c.Value)
				}
			}
			if _, ok := token.Parse(value); ok && len(cookies) == 0 {
				t.Errorf("found a token %q, net/http finds none", value)
			}
		case token.Many:
			if n := strings.Count(line+other, "id"); n < 2 {
				t.Errorf("many found where the name stands %d times", n)
			}
		}
	})
}
