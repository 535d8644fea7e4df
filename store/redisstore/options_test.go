package redisstore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store/redisstore"
)

func TestOptionsThatAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		cache time.Duration
		want  string
	}{
		"negative":  {-time.Second, "Options.Cache is -1s"},
		"too short": {time.Microsecond, "milliseconds"},
	} {
		_, err := redisstore.New(nil, redisstore.Options{Cache: test.cache})
		wants(t, name, err, "client is nil", test.want)
	}
}

func TestPrefixesAreApart(t *testing.T) {
	each(t, func(t *testing.T, client rueidis.Client, opts redisstore.Options) {
		ctx := t.Context()
		other := opts
		other.Prefix += "x"
		a, b := open(t, client, opts), open(t, client, other)
		ok(t, a.Create(ctx, record("a")))
		ok(t, b.Create(ctx, record("a")))
		ok(t, b.Delete(ctx, "a"))
		if n := len(ids(t, a, "ann")); n != 1 {
			t.Errorf("%d records are listed, want 1", n)
		}
		if n := len(ids(t, b, "ann")); n != 0 {
			t.Errorf("%d records are listed under the other prefix, want none", n)
		}
	})
}

func TestIDsAndSubjectsOfAnyBytes(t *testing.T) {
	each(t, func(t *testing.T, client rueidis.Client, opts redisstore.Options) {
		ctx := t.Context()
		st := open(t, client, opts)
		texts := []string{"\x00", "a\x00b", "a", "\xff\xfe", "{", "{}", "{a}", "}{", "a\r\nb", "*", "subject:a"}
		for _, text := range texts {
			r := record(text)
			r.Subject, r.Data = text, []byte(text)
			ok(t, st.Create(ctx, r))
		}
		for _, text := range texts {
			r, err := st.Load(ctx, text)
			if err != nil || r.Subject != text || string(r.Data) != text {
				t.Errorf("Load(%q): %q of %q, error %v", text, r.Data, r.Subject, err)
			}
			if got := ids(t, st, text); len(got) != 1 || got[0] != text {
				t.Errorf("List(%q): %q", text, got)
			}
		}
	})
}

func TestIDThatIsNoneIsRefused(t *testing.T) {
	st := open(t, connect(t, testserver.Find(t, testserver.Redis).Address, nil), options(0))
	for _, id := range []string{"", strings.Repeat("x", 129)} {
		wants(t, "Create", st.Create(t.Context(), record(id)), "want 1 to 128")
	}
	ok(t, st.Create(t.Context(), record(strings.Repeat("x", 128))))
}
