package token_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions/internal/token"
)

func cookies(lines []string, name string) (v token.Values) {
	v.AddCookies(lines, name, nil)
	return v
}

func TestAddCookiesFindsTheCookie(t *testing.T) {
	tok := func(c string) string { return strings.Repeat(c, token.Len) }
	five := "id=" + strings.Join([]string{tok("A"), tok("B"), tok("C"), tok("D"), tok("E")}, "; id=")
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
		"two values":            {[]string{"id=" + tok("A") + "; id=" + tok("B")}, []string{tok("A"), tok("B")}},
		"two values, two lines": {[]string{"id=" + tok("A"), "id=" + tok("B")}, []string{tok("A"), tok("B")}},
		"a value and none":      {[]string{"id=; id=v; id="}, []string{"v"}},
		"a foreign one before":  {[]string{"id=foreign; id=" + tok("A")}, []string{tok("A")}},
		"a foreign one after":   {[]string{"id=" + tok("A") + "; id=foreign"}, []string{tok("A")}},
		"two foreign ones":      {[]string{"id=foreign; id=other"}, []string{"foreign"}},
		"five":                  {[]string{five}, []string{tok("A"), tok("B"), tok("C"), tok("D")}},
		"bare semicolons":       {[]string{";;; id=v ;;"}, []string{"v"}},
		"2999 others":           {[]string{strings.Repeat("a=1;", 2999) + "id=v"}, []string{"v"}},
		"3000 others":           {[]string{strings.Repeat("a=1;", 3000) + "id=v"}, nil},
		"3000 in other lines":   {[]string{strings.Repeat("a=1;", 3000), "id=v"}, nil},
		"3000 in two lines":     {[]string{strings.Repeat("a=1;", 1500), "id=v;" + strings.Repeat("a=1;", 1500)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			v := cookies(tc.lines, "id")
			if diff := cmp.Diff(tc.want, append([]string(nil), v.Of[:v.N]...)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// FuzzAddCookies compares with net/http: what that finds of a token's length,
// we find, up to the first four; what it refuses because of its bytes, Parse
// refuses.
func FuzzAddCookies(f *testing.F) {
	text := strings.Repeat("A", token.Len)
	for _, line := range []string{
		"", "id=v", "a=1; id=v", "id=v; id=w", `id="v"`, "id", "id =v;id", "=id=v", ";id=\x00", "id=a b,c", "id=\\",
		"id=" + text, `id="` + text + `"; id=v`,
	} {
		f.Add(line, "")
		f.Add("x=y", line)
	}
	f.Fuzz(func(t *testing.T, line, other string) {
		lines := []string{line, other}
		v := cookies(lines, "id")
		values := v.Of[:v.N]
		cookies := (&http.Request{Header: http.Header{"Cookie": lines}}).CookiesNamed("id")
		for _, c := range cookies {
			if _, ok := token.Parse(c.Value); ok && !slices.Contains(values, c.Value) && v.N < token.MaxValues {
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
