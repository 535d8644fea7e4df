package firestorestore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions/store/firestorestore"
)

func TestOptionsThatAreRefused(t *testing.T) {
	for collection, want := range map[string]string{
		"a/b":                     "even number",
		"/":                       "a name is empty",
		"a//b":                    "a name is empty",
		"a/b/":                    "a name is empty",
		"..":                      "only dots",
		"a/./b":                   "only dots",
		"__sessions__":            "Firestore's own",
		"\xff":                    "not UTF-8",
		strings.Repeat("x", 1501): "more than 1500 bytes",
	} {
		_, err := firestorestore.New(nil, firestorestore.Options{Collection: collection})
		wants(t, collection, err, "client is nil", "Options.Collection is ", want)
	}
}

func TestCollectionsAreApart(t *testing.T) {
	ctx := t.Context()
	client, opts := connect(t, server(t)), options()
	other := opts
	other.Collection = "tenants/ann/" + opts.Collection
	a, b := open(t, client, opts), open(t, client, other)
	ok(t, a.Create(ctx, record("a")))
	ok(t, b.Create(ctx, record("a")))
	ok(t, b.Delete(ctx, "a"))
	if n := len(ids(t, a, "ann")); n != 1 {
		t.Errorf("%d records are listed, want 1", n)
	}
	if n := len(ids(t, b, "ann")); n != 0 {
		t.Errorf("%d records are listed in the other collection, want none", n)
	}
}

func TestIDsAndSubjectsOfAnyBytes(t *testing.T) {
	ctx := t.Context()
	st := open(t, connect(t, server(t)), options())
	texts := []string{"\x00", "a\x00b", "a", "\xff\xfe", ".", "..", "__a__", "/", "a/b", "a\r\nb", "*", "`", "record.id"}
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
}

// TestRecordOfNobodyIsInNoIndexOfSubjects: one entry for all of them would be
// a hot one.
func TestRecordOfNobodyIsInNoIndexOfSubjects(t *testing.T) {
	ctx, opts := t.Context(), options()
	client := connect(t, server(t))
	st := open(t, client, opts)
	r, nobodys := record("a"), record("b")
	nobodys.Subject = ""
	ok(t, st.Create(ctx, nobodys))
	ok(t, st.Create(ctx, r))
	r.Subject = ""
	ok(t, st.Save(ctx, r))
	docs, err := client.Collection(opts.Collection).Documents(ctx).GetAll()
	ok(t, err)
	for _, doc := range docs {
		if subject, ok := doc.Data()["subject"]; ok {
			t.Errorf("the document has subject %v", subject)
		}
	}
}

func TestSetupNamesWhatIsStored(t *testing.T) {
	ctx, opts := t.Context(), options()
	client := connect(t, server(t))
	st := open(t, client, opts)
	r := record("a")
	ok(t, st.Create(ctx, r))
	ok(t, st.Save(ctx, r))
	r.Expires = r.Expires.Add(time.Hour)
	ok(t, st.Touch(ctx, "a", 2, r.Expires))
	docs, err := client.Collection(opts.Collection).Documents(ctx).GetAll()
	ok(t, err)
	target := " --project='sessions-test' --database='(default)' --collection-group='" + opts.Collection + "' "
	var got []string
	for line := range strings.Lines(st.Setup()) {
		if !strings.HasPrefix(line, "# E") && !strings.HasPrefix(line, "# W") {
			got = append(got, line)
		}
	}
	want := []string{
		"gcloud firestore fields ttls update expireAt" + target + "--enable-ttl --async\n",
		"gcloud firestore indexes fields update record" + target + "--disable-indexes --async\n",
		"# gcloud firestore indexes fields update expireAt" + target + "--disable-indexes --async\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("other commands (-want +got):\n%s", diff)
	}
	fields := docs[0].Data()
	if at, ok := fields["expireAt"].(time.Time); !ok || at.Sub(r.Expires) < time.Minute {
		t.Errorf("what expires at %v is collected from %v on, want a minute later", r.Expires, fields["expireAt"])
	}
	for _, field := range []string{"expireAt", "record", "subject"} {
		if fields[field] == nil {
			t.Errorf("a document has no field %s", field)
		}
		delete(fields, field)
	}
	if len(fields) > 0 {
		t.Errorf("a document has more fields: %v", fields)
	}
	st = open(t, client, firestorestore.Options{Collection: "it's"})
	if !strings.Contains(st.Setup(), `--collection-group='it'\''s'`) {
		t.Errorf("a quote is not quoted:\n%s", st.Setup())
	}
}
