package dynamostore_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions/store/dynamostore"
)

// ids returns those that List yields, sorted.
func ids(t testing.TB, st *dynamostore.Store, subject string) (ids []string) {
	t.Helper()
	for r, err := range st.List(t.Context(), subject) {
		ok(t, err)
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	return ids
}

// TestListsOfManyArePaged: a hundred at a time, each once.
func TestListsOfManyArePaged(t *testing.T) {
	ctx := t.Context()
	w := newWire(t)
	st := migrated(t, dial(find(t), over(w)), dynamostore.Options{})
	var want []string
	for i := range 250 {
		r := record(fmt.Sprintf("%03d", i))
		ok(t, st.Create(ctx, r))
		want = append(want, r.ID)
	}
	w.heard()
	if diff := cmp.Diff(want, ids(t, st, "ann")); diff != "" {
		t.Errorf("other records (-want +got):\n%s", diff)
	}
	if got := w.heard(); got != "Query BatchGetItem Query BatchGetItem Query BatchGetItem" {
		t.Errorf("asked %q", got)
	}
}

// leaving is a transport that moves keys which BatchGetItem has found to those
// that it has not processed, as DynamoDB does when it is short of capacity.
type leaving struct {
	next http.RoundTripper
	keep func(answer int) int // how many of the items an answer may have
	n    int
}

func (l *leaving) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(req.Header.Get("X-Amz-Target"), ".BatchGetItem") {
		return l.next.RoundTrip(req)
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	type request struct {
		Keys           []map[string]any
		ConsistentRead bool
	}
	var in struct{ RequestItems map[string]request }
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	out := struct {
		Responses       map[string][]any
		UnprocessedKeys map[string]request
	}{map[string][]any{}, map[string]request{}}
	n := l.keep(l.n)
	l.n++
	for table, r := range in.RequestItems {
		if !r.ConsistentRead {
			return nil, fmt.Errorf("a read of %d keys is not consistent", len(r.Keys))
		}
		n = min(n, len(r.Keys))
		for _, key := range r.Keys[:n] {
			id := key["id"].(map[string]any)["S"]
			out.Responses[table] = append(out.Responses[table], map[string]any{
				"id": map[string]any{"S": id}, "subject": map[string]any{"S": "ann"},
				"version": map[string]any{"N": "1"}, "expires": map[string]any{"N": "7258215845678"},
			})
		}
		if n < len(r.Keys) {
			out.UnprocessedKeys[table] = request{r.Keys[n:], true}
		}
	}
	answer, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Proto: "HTTP/1.1", Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(answer))), Request: req}, nil
}

func TestKeysThatAreNotProcessedAreAskedForAgain(t *testing.T) {
	ctx := t.Context()
	for name, c := range map[string]struct {
		keep    func(answer int) int
		answers int
		fails   bool
	}{
		"all at once":              {func(int) int { return 100 }, 1, false},
		"seven at a time":          {func(int) int { return 7 }, 4, false},
		"none at first":            {func(answer int) int { return answer / 3 * 100 }, 4, false},
		"some after five in vain":  {func(answer int) int { return (answer + 1) % 6 / 5 * 20 }, 11, false},
		"none, again and again":    {func(int) int { return 0 }, 6, true},
		"some, and then none ever": {func(answer int) int { return max(0, 10-answer*10) }, 7, true},
	} {
		t.Run(name, func(t *testing.T) {
			l := &leaving{next: newTransport(t), keep: c.keep}
			st := migrated(t, dial(find(t), over(l)), dynamostore.Options{})
			var want []string
			for i := range 25 {
				r := record(fmt.Sprintf("%03d", i))
				ok(t, st.Create(ctx, r))
				want = append(want, r.ID)
			}
			if c.fails {
				wants(t, "List", list(ctx, st, "ann"), "more capacity")
			} else if diff := cmp.Diff(want, ids(t, st, "ann")); diff != "" {
				t.Errorf("other records (-want +got):\n%s", diff)
			}
			if l.n != c.answers {
				t.Errorf("%d answers were needed, want %d", l.n, c.answers)
			}
		})
	}
}

// TestIndexThatIsBehind: what List yields is as the table has it. Here the
// index is another subject's, so that everything in it is out of date.
func TestIndexThatIsBehind(t *testing.T) {
	ctx := t.Context()
	w := newWire(t)
	stale := &rewriting{next: w}
	c := dial(find(t), over(stale))
	st := migrated(t, c, dynamostore.Options{})
	for _, id := range []string{"kept", "deleted", "expired", "moved"} {
		ok(t, st.Create(ctx, record(id)))
	}
	stale.record = true
	if got := ids(t, st, "ann"); len(got) != 4 {
		t.Fatalf("%q are listed", got)
	}
	stale.record, stale.play = false, true
	ok(t, st.Delete(ctx, "deleted"))
	expired, moved := record("expired"), record("moved")
	expired.Expires = time.Now().Add(-time.Minute)
	ok(t, st.Save(ctx, expired))
	moved.Subject = "bob"
	ok(t, st.Save(ctx, moved))
	if diff := cmp.Diff([]string{"kept"}, ids(t, st, "ann")); diff != "" {
		t.Errorf("other records (-want +got):\n%s", diff)
	}
}

// rewriting is a transport that answers queries of the index as it has before.
type rewriting struct {
	next         http.RoundTripper
	record, play bool
	answer       string
}

func (r *rewriting) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(req.Header.Get("X-Amz-Target"), ".Query") || !r.record && !r.play {
		return r.next.RoundTrip(req)
	}
	if r.record {
		resp, err := r.next.RoundTrip(req)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			return nil, err
		}
		r.answer = string(body)
	}
	return &http.Response{StatusCode: http.StatusOK, Proto: "HTTP/1.1", Header: http.Header{}, Body: io.NopCloser(strings.NewReader(r.answer)), Request: req}, nil
}

// TestStoresThatShareATable have prefixes of their own, and see nothing of
// each other, nor of items that are no records.
func TestStoresThatShareATable(t *testing.T) {
	ctx := t.Context()
	c := client(t, find(t))
	mine := migrated(t, c, dynamostore.Options{PartitionKey: dynamostore.Key{Name: "pk", Prefix: "A#"}, SortKey: dynamostore.Key{Name: "sk", Value: "SESSION"}, SweepByScan: true})
	theirs := open(t, c, dynamostore.Options{
		Table: *mine.Table().TableName, PartitionKey: dynamostore.Key{Name: "pk", Prefix: "B#"},
		SortKey: dynamostore.Key{Name: "sk", Value: "SESSION"}, SweepByScan: true,
	})
	ok(t, mine.Create(ctx, record("a")))
	ok(t, theirs.Create(ctx, record("a")))
	if get(t, c, mine, item{"pk": s("A#a"), "sk": s("SESSION")}) == nil {
		t.Error("the record has another key")
	}
	put(t, c, mine, item{"pk": s("A#a"), "sk": s("PROFILE"), "subject": s("ann"), "version": n("1"), "expires": n("1")})
	put(t, c, mine, item{"pk": s("C#a"), "sk": s("SESSION"), "subject": s("ann"), "version": n("1"), "expires": n("1")})
	for name, st := range map[string]*dynamostore.Store{"mine": mine, "theirs": theirs} {
		if diff := cmp.Diff([]string{"a"}, ids(t, st, "ann")); diff != "" {
			t.Errorf("%s: other records (-want +got):\n%s", name, diff)
		}
		if n, err := st.Sweep(ctx, 10); n != 0 || err != nil {
			t.Errorf("%s: Sweep removed %d, %v", name, n, err)
		}
	}
	ok(t, theirs.Delete(ctx, "a"))
	if got := ids(t, mine, "ann"); len(got) != 1 {
		t.Errorf("%q are listed after the other store's record was deleted", got)
	}
	if get(t, c, mine, item{"pk": s("A#a"), "sk": s("PROFILE")}) == nil {
		t.Error("another program's item is gone")
	}
}

// TestItemsWithoutTheSuffixAreNotSwept, nor those with another sort key.
func TestItemsWithoutTheSuffixAreNotSwept(t *testing.T) {
	c := client(t, find(t))
	st := migrated(t, c, designs()["a table of many kinds"])
	for _, key := range []item{{"KEY": s("SESSION#a"), "RANGE": s("A#a")}, {"KEY": s("SESSION#a#X"), "RANGE": s("A#b")}} {
		put(t, c, st, item{"KEY": key["KEY"], "RANGE": key["RANGE"], "COUNT": n("1"), "TIMESTAMP": n("1")})
		if n, err := st.Sweep(t.Context(), 10); n != 0 || err != nil {
			t.Errorf("Sweep removed %d, %v", n, err)
		}
	}
}
