package dynamostore_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/dynamostore"
)

type item = map[string]types.AttributeValue

func s(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
func n(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }
func b(v string) types.AttributeValue { return &types.AttributeValueMemberB{Value: []byte(v)} }

// put writes an item as another program would.
func put(t testing.TB, c *dynamodb.Client, st *dynamostore.Store, i item) {
	t.Helper()
	_, err := c.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: st.Table().TableName, Item: i})
	ok(t, err)
}

// get reads an item.
func get(t testing.TB, c *dynamodb.Client, st *dynamostore.Store, key item) item {
	t.Helper()
	out, err := c.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: st.Table().TableName, Key: key, ConsistentRead: aws.Bool(true)})
	ok(t, err)
	return out.Item
}

func same(t *testing.T, what string, got, want item) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(types.AttributeValueMemberS{}, types.AttributeValueMemberN{}, types.AttributeValueMemberB{})); diff != "" {
		t.Errorf("%s: the item differs (-want +got):\n%s", what, diff)
	}
}

// TestItemsAreAsDocumented: no subject and no data are no attributes, for an
// index refuses empty keys; time to live is a minute later, rounded up; what
// others put upon an item stays.
func TestItemsAreAsDocumented(t *testing.T) {
	ctx := t.Context()
	c := client(t, find(t))
	opts := designs()["a table of many kinds"]
	st := migrated(t, c, opts)
	key := item{"KEY": s("SESSION#a#X"), "RANGE": s("A#a")}
	later := time.Date(2200, 1, 2, 3, 4, 5, 678e6, time.UTC)
	want := item{"KEY": key["KEY"], "RANGE": key["RANGE"], "COUNT": n("1"), "TIMESTAMP": n("7258215845678"), "DATE": n("7258215906")}
	ok(t, st.Create(ctx, store.Record{ID: "a", Expires: later}))
	same(t, "Create of what has neither subject nor data", get(t, c, st, key), want)

	ok(t, st.Save(ctx, store.Record{ID: "a", Version: 1, Expires: later, Subject: "ann", Data: []byte("x")}))
	want["COUNT"], want["USER"], want["BINARY"] = n("2"), s("ann"), b("x")
	same(t, "Save with subject and data", get(t, c, st, key), want)

	want["color"] = s("blue")
	put(t, c, st, want)
	ok(t, st.Touch(ctx, "a", 2, later.Add(time.Millisecond)))
	want["TIMESTAMP"] = n("7258215845679")
	same(t, "Touch", get(t, c, st, key), want)

	ok(t, st.Save(ctx, store.Record{ID: "a", Version: 2, Expires: later}))
	want["COUNT"], want["TIMESTAMP"] = n("3"), n("7258215845678")
	delete(want, "USER")
	delete(want, "BINARY")
	same(t, "Save without subject and data", get(t, c, st, key), want)

	ok(t, st.Delete(ctx, "a"))
	same(t, "Delete", get(t, c, st, key), nil)
}

func TestItemOfSomebodyElseIsToldAndLeft(t *testing.T) {
	ctx := t.Context()
	c := client(t, find(t))
	st := migrated(t, c, dynamostore.Options{})
	later := n("7258215845678")
	for name, i := range map[string]item{
		"nothing but a key": {},
		"no version":        {"expires": later},
		"no expires":        {"version": n("1")},
		"version is text":   {"version": s("1"), "expires": later},
		"version is -1":     {"version": n("-1"), "expires": later},
		"expires is text":   {"version": n("1"), "expires": s("tomorrow")},
		"expires is 0.5":    {"version": n("1"), "expires": n("0.5")},
		"data is text":      {"version": n("1"), "expires": later, "data": s("x")},
	} {
		i["id"], i["subject"] = s("a"), s("ann")
		put(t, c, st, i)
		wants(t, name+": Load", load(ctx, st, "a"), `in table "dynamostore-`, "another program's item", "Options")
		wants(t, name+": List", list(ctx, st, "ann"), "another program's item")
		if err := st.Create(ctx, record("a")); !errors.Is(err, store.ErrExists) {
			t.Errorf("%s: Create: %v", name, err)
		}
		if name != "data is text" {
			if err := st.Save(ctx, record("a")); !errors.Is(err, store.ErrConflict) {
				t.Errorf("%s: Save: %v", name, err)
			}
		}
		if name != "data is text" {
			same(t, name, get(t, c, st, item{"id": s("a")}), i)
		}
	}
}

// TestIDsThatAreNoTextFindNothing: what is not UTF-8 would arrive changed, as
// another's id.
func TestIDsThatAreNoTextFindNothing(t *testing.T) {
	ctx := t.Context()
	st := migrated(t, client(t, find(t)), dynamostore.Options{})
	ok(t, st.Create(ctx, record("a\ufffd")))
	odd := record("a\xff")
	wants(t, "Create", st.Create(ctx, odd), "UTF-8")
	if err := load(ctx, st, odd.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Load: %v", err)
	}
	if err := st.Save(ctx, odd); !errors.Is(err, store.ErrConflict) {
		t.Errorf("Save: %v", err)
	}
	if err := st.Touch(ctx, odd.ID, 1, odd.Expires.Add(time.Hour)); !errors.Is(err, store.ErrConflict) {
		t.Errorf("Touch: %v", err)
	}
	ok(t, st.Delete(ctx, odd.ID))
	ok(t, load(ctx, st, "a\ufffd"))
	for _, id := range []string{"", strings.Repeat("x", 129)} {
		wants(t, "Create", st.Create(ctx, record(id)), "want 1 to 128")
	}
	ok(t, st.Create(ctx, record(strings.Repeat("x", 128))))
}

func TestSubjectsThatNoIndexTakesAreRefused(t *testing.T) {
	ctx := t.Context()
	st := migrated(t, client(t, find(t)), dynamostore.Options{})
	r := record("a")
	ok(t, st.Create(ctx, r))
	for subject, want := range map[string]string{strings.Repeat("x", 2049): "2048", "ann\xff": "UTF-8"} {
		r.Subject = subject
		wants(t, "Save", st.Save(ctx, r), want)
		r := r
		r.ID = "b"
		wants(t, "Create", st.Create(ctx, r), want)
	}
	r.Subject = strings.Repeat("x", 2048)
	ok(t, st.Save(ctx, r))
	if got := ids(t, st, r.Subject); len(got) != 1 {
		t.Errorf("%d records are listed, want 1", len(got))
	}
}

// TestItemsThatAreTooLargeAreRefused: DynamoDB counts names and values. The
// core's limit of 64 KiB leaves room with any options.
func TestItemsThatAreTooLargeAreRefused(t *testing.T) {
	ctx := t.Context()
	c := client(t, find(t))
	st := migrated(t, c, dynamostore.Options{})
	r := record("a")
	r.Data = bytes.Repeat([]byte("x"), 399<<10)
	ok(t, st.Create(ctx, r))
	r.Data = bytes.Repeat([]byte("x"), 400<<10)
	wants(t, "Save", st.Save(ctx, r), "too large", "400 KB", "MaxBytes")
	if got, err := st.Load(ctx, "a"); err != nil || got.Version != 1 {
		t.Errorf("what was there is at version %d, error %v", got.Version, err)
	}
	r.ID = "b"
	wants(t, "Create", st.Create(ctx, r), "too large", "400 KB", "MaxBytes")

	const longest = 255
	name := func(c string) string { return strings.Repeat(c, longest) }
	wide := migrated(t, c, dynamostore.Options{
		PartitionKey: dynamostore.Key{Name: name("p"), Prefix: strings.Repeat("p", 2048-128)},
		SortKey:      dynamostore.Key{Name: name("s"), Prefix: strings.Repeat("s", 1024-128)},
		Version:      name("v"), Expires: name("e"), Subject: name("u"), Data: name("d"), TTL: name("t"),
	})
	r = record(strings.Repeat("x", 128))
	r.Subject, r.Data = strings.Repeat("y", 2048), make([]byte, 64<<10)
	ok(t, wide.Create(ctx, r))
	ok(t, wide.Save(ctx, r))
	ok(t, load(ctx, wide, r.ID))
}
