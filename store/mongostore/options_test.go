package mongostore_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/mongostore"
)

func TestOptionsThatAreRefused(t *testing.T) {
	db := connect(t, "mongodb://127.0.0.1:1", nil).Database("app")
	for _, name := range []string{"a$b", "a\x00b", "system.users", "\xff"} {
		_, err := mongostore.New(nil, mongostore.Options{Collection: name})
		wants(t, name, err, "db is nil", "Options.Collection")
	}
	_, err := mongostore.New(db, mongostore.Options{Collection: strings.Repeat("x", 252)})
	wants(t, "a long name", err, "256 with the database's name")
	for _, name := range []string{"", "x", "app.sessions", "systems", strings.Repeat("x", 251)} {
		_, err := mongostore.New(db, mongostore.Options{Collection: name})
		ok(t, err)
	}
}

func TestCollectionsAreApart(t *testing.T) {
	ctx := t.Context()
	a, db := fresh(t)
	b, err := mongostore.New(db, mongostore.Options{Collection: "others"})
	ok(t, err)
	ok(t, a.Create(ctx, record("a")))
	ok(t, b.Create(ctx, record("a")))
	ok(t, b.Delete(ctx, "a"))
	if n := len(ids(t, a, "ann")); n != 1 {
		t.Errorf("%d records are listed, want 1", n)
	}
	if n := len(ids(t, b, "ann")); n != 0 {
		t.Errorf("%d records of the other collection are listed, want none", n)
	}
}

func TestTextThatIsNoneIsRefused(t *testing.T) {
	ctx := t.Context()
	st, _ := fresh(t)
	for _, id := range []string{"", strings.Repeat("x", 129)} {
		wants(t, "Create", st.Create(ctx, record(id)), "want 1 to 128")
	}
	wants(t, "Create", st.Create(ctx, record("\xff")), "the id is not UTF-8")
	r := record("a")
	ok(t, st.Create(ctx, r))
	r.Subject = "\xff"
	wants(t, "Save", st.Save(ctx, r), "the subject is not UTF-8")
	if _, err := st.Load(ctx, "\xff"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Load: %v, want ErrNotFound", err)
	}
	ok(t, st.Delete(ctx, "\xff"))
}

func TestIDsAndSubjectsOfAnyText(t *testing.T) {
	ctx := t.Context()
	st, _ := fresh(t)
	texts := []string{"\x00", "a\x00b", "a", "A", "á", "$a", "a.b", "{$gt: 1}", " ", strings.Repeat("x", 128)}
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

func TestRecordThatIsTooLargeSaysSo(t *testing.T) {
	ctx := t.Context()
	st, _ := fresh(t)
	r := record(strings.Repeat("x", 128))
	r.Data = make([]byte, 16<<20-1<<10-len(r.Subject))
	ok(t, st.Create(ctx, r))
	ok(t, st.Save(ctx, r))
	r.Version, r.Data = 2, make([]byte, len(r.Data)+1)
	wants(t, "Save", st.Save(ctx, r), "keep less")
	wants(t, "Create", st.Create(ctx, r), "16776193 bytes", "16776192")
	if got, err := st.Load(ctx, r.ID); err != nil || got.Version != 2 {
		t.Errorf("what was there is at version %d, error %v", got.Version, err)
	}
}
