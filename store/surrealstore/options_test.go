package surrealstore_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions/store/surrealstore"
)

func TestOptionsThatAreRefused(t *testing.T) {
	for _, table := range []string{"1a", "a b", "a`; REMOVE TABLE b; --", "ä", strings.Repeat("a", 65)} {
		_, err := surrealstore.New(nil, surrealstore.Options{Table: table})
		if err == nil {
			t.Errorf("%q is taken", table)
			continue
		}
		for _, want := range []string{"surrealstore: ", "db is nil", "Options.Table is "} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q: error %q lacks %q", table, err, want)
			}
		}
	}
}

func TestConnectionOptionsThatAreRefused(t *testing.T) {
	for url, want := range map[string]string{
		"":                           "URL is empty",
		"ws://root:s3cret@a b":       "URL is no URL",
		"http://localhost:8000":      "neither ws:// nor wss://",
		"ws:///rpc":                  "and a host",
		"ws://root:s3cret@localhost": "to SignIn",
		"ws://localhost?pass=s3cret": "a query",
	} {
		_, err := surrealstore.NewConnection(surrealstore.ConnectionOptions{URL: url})
		if err == nil || !strings.HasPrefix(err.Error(), "surrealstore: ") || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v, want %q", url, err, want)
		}
	}
}

// TestTablesAreApart, and their names may be words of the language.
func TestTablesAreApart(t *testing.T) {
	ctx := t.Context()
	db := connect(t, find(t), nil)
	tables := []string{"select", "_a1", "A", "a", "value", "where", "only", "none", "true", strings.Repeat("x", 64)}
	for _, table := range tables {
		st, err := surrealstore.New(db, surrealstore.Options{Table: table})
		ok(t, err)
		ok(t, st.Migrate(ctx))
		r := record("a")
		r.Data = []byte(table)
		ok(t, st.Create(ctx, r))
		gone := record("gone")
		gone.Expires = gone.Expires.AddDate(-1, 0, 0)
		ok(t, st.Create(ctx, gone))
		if n, err := st.Sweep(ctx, 10); n != 1 || err != nil {
			t.Errorf("%s: swept %d, error %v", table, n, err)
		}
	}
	for _, table := range tables {
		st, err := surrealstore.New(db, surrealstore.Options{Table: table})
		ok(t, err)
		var got []string
		for r, err := range st.List(ctx, "ann") {
			ok(t, err)
			got = append(got, r.ID+" "+string(r.Data))
		}
		if diff := cmp.Diff([]string{"a " + table}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", table, diff)
		}
	}
}

func TestIDsAndSubjectsOfAnyBytes(t *testing.T) {
	ctx := t.Context()
	db := connect(t, find(t), nil)
	st := open(t, db)
	texts := []string{"\x00", "a\x00b", "a", "A", "\xff\xfe", "~", "~AA", "~!", "⟨a⟩", "`a`", "a:b", "1", "-", "", "ä", "a\u0308", "\u2028", "'; DELETE sessions; --"}
	for _, text := range texts {
		r := record(text + "x")
		r.Subject, r.Data = text, []byte(text)
		ok(t, st.Create(ctx, r))
	}
	for _, text := range texts {
		r, err := st.Load(ctx, text+"x")
		if err != nil || r.ID != text+"x" || r.Subject != text || string(r.Data) != text {
			t.Errorf("Load(%q): %q: %q of %q, error %v", text+"x", r.ID, r.Data, r.Subject, err)
		}
		var got, want []string
		for r, err := range st.List(ctx, text) {
			ok(t, err)
			got = append(got, r.ID)
		}
		if text != "" {
			want = []string{text + "x"}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("List(%q) (-want +got):\n%s", text, diff)
		}
	}
	for _, kept := range do[[]string](t, db, "SELECT VALUE subject + record::id(id) FROM sessions", nil) {
		if strings.Contains(kept, "\x00") {
			t.Errorf("the server keeps %q", kept)
		}
	}
}

func TestIDThatIsNoneIsRefused(t *testing.T) {
	st := open(t, connect(t, find(t), nil))
	for _, id := range []string{"", strings.Repeat("x", 129)} {
		if err := st.Create(t.Context(), record(id)); err == nil || !strings.Contains(err.Error(), "want 1 to 128") {
			t.Errorf("Create of an id of %d bytes: %v", len(id), err)
		}
	}
	for _, id := range []string{strings.Repeat("x", 128), strings.Repeat("\xff", 128)} {
		ok(t, st.Create(t.Context(), record(id)))
	}
}

// TestVariablesAreTheStoresOwn: on versions 2 of the server those that Let has
// set come first.
func TestVariablesAreTheStoresOwn(t *testing.T) {
	db, h := hook(t, find(t))
	st := open(t, db)
	named := regexp.MustCompile(`\$\w+`)
	h.seen = func(params []any) {
		statement, given := params[0].(string), params[1].(map[string]any)
		for _, name := range named.FindAllString(statement, -1) {
			_, is := given[name[1:]]
			if name != "$before" && !(is && strings.HasPrefix(name, "$surrealstore_")) {
				t.Errorf("%s in %s, which is given %v", name, statement, given)
			}
		}
	}
	for op, err := range everything(t.Context(), st) {
		if err != nil {
			t.Errorf("%s: %v", op, err)
		}
	}
}
