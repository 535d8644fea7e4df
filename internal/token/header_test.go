package token_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions/internal/token"
)

// TestFromHeaderFindsTheCookie: values of one byte have the length of a token
// here.
func TestFromHeaderFindsTheCookie(t *testing.T) {
	for name, tc := range map[string]struct {
		lines []string
		want  []string
	}{
		"no header":             {nil, nil},
		"empty header":          {[]string{""}, nil},
		"alone":                 {[]string{"id=v"}, []string{"v"}},
		"among others":          {[]string{"a=1; id=v; b=2"}, []string{"v"}},
		"in a second line":      {[]string{"a=1", "id=v"}, []string{"v"}},
		"without spaces":        {[]string{"a=1;id=v;b=2"}, []string{"v"}},
		"with many spaces":      {[]string{"  a=1 ;   id=v  ; b=2"}, []string{"v"}},
		"space before the =":    {[]string{"id =v"}, []string{"v"}},
		"space after the =":     {[]string{"id= v"}, []string{" v"}},
		"value with =":          {[]string{"id=v=w"}, []string{"v=w"}},
		"quoted":                {[]string{`id="v"`}, []string{"v"}},
		"quoted twice":          {[]string{`id=""v""`}, []string{`"v"`}},
		"half a quotation":      {[]string{`id="v`}, []string{`"v`}},
		"one quote":             {[]string{`id="`}, []string{`"`}},
		"empty value":           {[]string{"id="}, nil},
		"empty in quotes":       {[]string{`id=""`}, nil},
		"without =":             {[]string{"id"}, nil},
		"other case":            {[]string{"ID=v; Id=v"}, nil},
		"longer name":           {[]string{"xid=v; idx=v; __Host-id=v"}, nil},
		"nameless":              {[]string{"=id=v; =v"}, nil},
		"twice the same":        {[]string{"id=v; id=v"}, []string{"v"}},
		"two values":            {[]string{"id=v; id=w"}, []string{"v", "w"}},
		"two values, two lines": {[]string{"id=v", "id=w"}, []string{"v", "w"}},
		"a value and none":      {[]string{"id=; id=v; id="}, []string{"v"}},
		"a foreign one before":  {[]string{"id=foreign; id=v"}, []string{"v"}},
		"a foreign one after":   {[]string{"id=v; id=foreign"}, []string{"v"}},
		"two foreign ones":      {[]string{"id=foreign; id=other"}, []string{"foreign"}},
		"five":                  {[]string{"id=1; id=2; id=3; id=4; id=5"}, []string{"1", "2", "3", "4"}},
		"bare semicolons":       {[]string{";;; id=v ;;"}, []string{"v"}},
		"2999 others":           {[]string{strings.Repeat("a=1;", 2999) + "id=v"}, []string{"v"}},
		"3000 others":           {[]string{strings.Repeat("a=1;", 3000) + "id=v"}, nil},
		"3000 in other lines":   {[]string{strings.Repeat("a=1;", 3000), "id=v"}, nil},
		"3000 in two lines":     {[]string{strings.Repeat("a=1;", 1500), "id=v;" + strings.Repeat("a=1;", 1500)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			v := token.FromHeader(tc.lines, "id", 1)
			if diff := cmp.Diff(tc.want, append([]string(nil), v.Of[:v.N]...)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// FuzzFromHeader compares with net/http: what that finds of a token's length,
// we find, up to the first four; what it refuses because of its bytes, Parse
// refuses.
func FuzzFromHeader(f *testing.F) {
	text := strings.Repeat("A", token.Len)
	for _, line := range []string{"", "id=v", "a=1; id=v", "id=v; id=w", `id="v"`, "id", "id =v;id", "=id=v", ";id=\x00", "id=a b,c", "id=\\", "id=" + text, `id="` + text + `"; id=v`} {
		f.Add(line, "")
		f.Add("x=y", line)
	}
	f.Fuzz(func(t *testing.T, line, other string) {
		lines := []string{line, other}
		v := token.FromHeader(lines, "id", token.Len)
		values := v.Of[:v.N]
		cookies := (&http.Request{Header: http.Header{"Cookie": lines}}).CookiesNamed("id")
		for _, c := range cookies {
			if len(c.Value) == token.Len && !slices.Contains(values, c.Value) && v.N < token.MaxValues {
				t.Errorf("net/http finds %q, found %q", c.Value, values)
			}
		}
		for _, value := range values {
			_, ok := token.Parse(value)
			if ok && !slices.ContainsFunc(cookies, func(c *http.Cookie) bool { return c.Value == value }) {
				t.Errorf("found a token %q, net/http finds none", value)
			}
		}
	})
}
