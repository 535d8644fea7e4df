package scenario

import (
	"context"
	"fmt"
	"hash/crc32"
	"maps"
	"math"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions"
)

var values = []Scenario{
	{"values and their types survive", func(tr *trial) {
		b := tr.browser()
		tr.want("set", b.do("kinds"), "200 ")
		for _, between := range []string{"count", "renew", "login:" + tr.subject(), "renew"} {
			b.do(between)
			tr.want("after "+between, b.do("kinds?"), "200 equal")
		}
	}},
	{"values of 60 KiB are kept and more than 64 are refused", func(tr *trial) {
		b := tr.browser()
		tr.want("set", b.do("fill:large:61440"), "200 ")
		want := "200 " + checksum(filling("large", 61440))
		tr.want("get", b.do("sum:large"), want)
		tr.want("too much", b.do("fill:more:8192"), "500 Internal Server Error")
		tr.want("get", b.do("sum:large"), want)
		tr.want("the refused one", b.do("get:more"), "200 -")
		tr.want("with another", b.do("fill:little:1024"), "200 ")
		tr.want("get", b.do("sum:large"), want)
	}},
	{"text of any kind is a value", func(tr *trial) {
		b := tr.browser()
		for i, text := range []string{"'; DROP TABLE sessions; --", "naïve 日本語 🦉", "a\x00b", "\\ \" ' ` % _ ? $1 @p"} {
			tr.want("set", b.do(fmt.Sprintf("set:key-%d:%s", i, text)), "200 ")
			tr.want("get", b.do(fmt.Sprintf("get:key-%d", i)), "200 "+text)
			subject := tr.subject() + text
			tr.want("login", b.do("login:"+subject), "200 hello")
			tr.want("subject", b.do("who"), fmt.Sprintf("200 %q 0", subject))
		}
	}},
}

// value carries out a step that is about values.
func value(ctx context.Context, s *sessions.Session, verb, first, second string) (string, error) {
	switch verb {
	case "set":
		return "", s.Set(first, second)
	case "get":
		text := ""
		ok, err := s.Get(first, &text)
		if !ok {
			text = "-"
		}
		return text, err
	case "keys":
		return strings.Join(slices.Collect(s.Keys()), " "), nil
	case "delete":
		s.Delete(first)
		return "", nil
	case "clear":
		s.Clear()
		return "", nil
	case "claim":
		text, ok, err := sessions.Key[string](first).Claim(ctx, s)
		if !ok {
			text = "-"
		}
		return text, err
	case "expire": // at a time in milliseconds
		ms, err := strconv.ParseInt(first, 10, 64)
		s.SetExpiry(sessions.AtTime(time.UnixMilli(ms)))
		return "", err
	case "fill":
		n, err := strconv.Atoi(second)
		if err != nil {
			return "", err
		}
		return "", s.Set(first, filling(first, n))
	case "sum":
		text := ""
		_, err := s.Get(first, &text)
		return checksum(text), err
	case "kinds":
		return "", kindsKey.Set(s, sample())
	case "kinds?":
		got, err := kindsKey.Get(s)
		if diff := cmp.Diff(sample(), got); diff != "" {
			return diff, err
		}
		return "equal", err
	}
	return "", fmt.Errorf("scenario: no step %q", verb)
}

// kinds has values that stores and codecs are known to change.
type kinds struct {
	Int   int64
	Uint  uint64
	Float float64
	Bytes []byte
	Text  string
	Time  time.Time
	Map   map[string][]int
	None  *int
}

const kindsKey = sessions.Key[kinds]("kinds")

func sample() kinds {
	return kinds{
		Int: math.MinInt64, Uint: math.MaxUint64, Float: math.Nextafter(0.1, 1), Bytes: []byte{0, 255, '\''},
		Text: "日本\x00語", Time: time.Date(2028, 2, 29, 1, 2, 3, 456789123, time.UTC),
		Map: map[string][]int{"": {}, "a": {1, 2}},
	}
}

// filling returns n letters that no compression makes small.
func filling(seed string, n int) string {
	rnd := rand.New(rand.NewPCG(uint64(len(seed)), uint64(n)))
	text := make([]byte, n)
	for i := range text {
		text[i] = byte('!' + rnd.IntN(90))
	}
	return strings.NewReplacer(`"`, "x", `\`, "y", "<", "z", ">", "z", "&", "z").Replace(string(text))
}

func checksum(text string) string {
	return fmt.Sprintf("%d %08x", len(text), crc32.ChecksumIEEE([]byte(text)))
}

func sorted(texts []string) []string { return slices.Sorted(slices.Values(texts)) }

// steps makes a query of steps.
func steps(do []string) string { return url.Values{"do": do}.Encode() }

// keysOf lists the keys of a model.
func keysOf[V any](m map[string]V) string { return strings.Join(slices.Sorted(maps.Keys(m)), " ") }
