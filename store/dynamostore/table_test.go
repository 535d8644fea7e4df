package dynamostore_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/dynamostore"
)

// TestMigrateByManyAtOnce: all return when the table can be used, and calling
// it again changes nothing.
func TestMigrateByManyAtOnce(t *testing.T) {
	ctx := t.Context()
	c := client(t, find(t))
	opts := dynamostore.Options{Table: table(t, c)}
	var all sync.WaitGroup
	for i := range 6 {
		st := open(t, c, opts)
		all.Go(func() {
			if err := st.Migrate(ctx); err != nil {
				t.Error(err)
				return
			}
			if err := st.Create(ctx, record(string(rune('a'+i)))); err != nil {
				t.Error(err)
			}
			if err := list(ctx, st, "ann"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	st := open(t, c, opts)
	ok(t, st.Migrate(ctx))
	if got := ids(t, st, "ann"); len(got) != 6 {
		t.Errorf("%q are listed", got)
	}
}

// script is a transport that answers by a list.
type script struct {
	t       testing.TB
	mu      sync.Mutex
	answers []fault
	asked   []string // operation and body
}

func (a *script) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	ok(a.t, err)
	_, operation, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, operation+" "+string(body))
	if len(a.answers) == 0 {
		return nil, errors.New("nothing more is answered")
	}
	next := a.answers[0]
	a.answers = a.answers[1:]
	return &http.Response{StatusCode: next.status, Proto: "HTTP/1.1", Header: http.Header{}, Body: io.NopCloser(strings.NewReader(next.body)), Request: req}, nil
}

// TestMigrateAddsTheIndex to a table that has none, with the capacity of the
// table. dynalite does not add indexes, so the answers are written down here.
func TestMigrateAddsTheIndex(t *testing.T) {
	described := func(billing, status, index string) fault {
		if index != "" {
			index = `,"GlobalSecondaryIndexes":[{"IndexName":"by-subject","IndexStatus":"` + index + `","KeySchema":[{"AttributeName":"subject","KeyType":"HASH"}]}]`
		}
		return fault{status: 200, body: `{"Table":{"TableStatus":"` + status + `",` + billing +
			`"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},{"AttributeName":"subject","AttributeType":"S"}],` +
			`"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]` + index + `}}`}
	}
	busy := says(400, "ResourceInUseException", "Attempt to change a resource which is still in use: Table is being updated: sessions")
	update := fault{status: 200, body: `{}`}
	ttl := fault{status: 200, body: `{"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"ttl"}}`}
	for name, c := range map[string]struct{ billing, capacity string }{
		"by request":  {`"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},"ProvisionedThroughput":{"ReadCapacityUnits":0,"WriteCapacityUnits":0},`, ""},
		"provisioned": {`"ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4},`, `"ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4},`},
	} {
		a := &script{t: t, answers: []fault{
			described(c.billing, "ACTIVE", ""),
			busy, described(c.billing, "UPDATING", ""), described(c.billing, "ACTIVE", ""),
			update, described(c.billing, "ACTIVE", ""), described(c.billing, "UPDATING", "CREATING"),
			described(c.billing, "ACTIVE", "CREATING"), described(c.billing, "ACTIVE", "ACTIVE"), ttl,
		}}
		st := open(t, dial("http://127.0.0.1:9", over(a)), dynamostore.Options{})
		if err := st.Migrate(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(a.answers) > 0 {
			t.Fatalf("%s: %d answers were not asked for, after %q", name, len(a.answers), a.asked)
		}
		operation, body, _ := strings.Cut(a.asked[4], " ")
		var got, want any
		ok(t, json.Unmarshal([]byte(body), &got))
		ok(t, json.Unmarshal([]byte(`{"TableName":"sessions",`+
			`"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},{"AttributeName":"subject","AttributeType":"S"}],`+
			`"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"by-subject",`+c.capacity+
			`"KeySchema":[{"AttributeName":"subject","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}}]}`), &want))
		if diff := cmp.Diff(want, got); diff != "" || operation != "UpdateTable" {
			t.Errorf("%s: %s differs (-want +got):\n%s", name, operation, diff)
		}
	}
}

// TestMigrateOfATableInAnyState: one that is being deleted is made again, one
// that is being changed is used, and what never gets ready is told.
func TestMigrateOfATableInAnyState(t *testing.T) {
	described := func(table, index string) fault {
		return fault{status: 200, body: `{"Table":{"TableStatus":"` + table + `","AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},` +
			`{"AttributeName":"subject","AttributeType":"S"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],` +
			`"GlobalSecondaryIndexes":[{"IndexName":"by-subject","IndexStatus":"` + index + `","KeySchema":[{"AttributeName":"subject","KeyType":"HASH"}]}]}}`}
	}
	missing := says(400, "ResourceNotFoundException", "Requested resource not found: Table: sessions not found")
	busy := says(400, "ResourceInUseException", "Table is being deleted: sessions")
	created := fault{status: 200, body: `{}`}
	ttl := fault{status: 200, body: `{"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"ttl"}}`}
	for name, c := range map[string]struct {
		answers []fault
		fails   string
	}{
		"none":                    {[]fault{missing, created, missing, busy, described("CREATING", "CREATING"), described("ACTIVE", "ACTIVE"), ttl}, ""},
		"being deleted":           {[]fault{described("DELETING", "ACTIVE"), missing, busy, missing, created, described("ACTIVE", "ACTIVE"), ttl}, ""},
		"being updated":           {[]fault{described("UPDATING", "ACTIVE"), ttl}, ""},
		"its index being updated": {[]fault{described("UPDATING", "UPDATING"), ttl}, ""},
		"without its key":         {[]fault{described("INACCESSIBLE_ENCRYPTION_CREDENTIALS", "ACTIVE")}, "INACCESSIBLE_ENCRYPTION_CREDENTIALS"},
		"not to be created":       {[]fault{missing, says(400, "AccessDeniedException", "not authorized")}, "allow them the actions"},
	} {
		a := &script{t: t, answers: c.answers}
		err := open(t, dial("http://127.0.0.1:9", over(a), hurried), dynamostore.Options{}).Migrate(t.Context())
		switch {
		case c.fails != "":
			wants(t, name, err, c.fails)
		case err != nil:
			t.Errorf("%s: %v", name, err)
		}
		if len(a.answers) > 0 {
			t.Errorf("%s: %d answers were not asked for, after %q", name, len(a.answers), a.asked)
		}
	}
}

func TestMigrateRefusesATableThatDoesNotFit(t *testing.T) {
	ctx := t.Context()
	c := client(t, find(t))
	st := migrated(t, c, dynamostore.Options{})
	name := *st.Table().TableName
	for want, opts := range map[string]dynamostore.Options{
		`has the key (HASH "id" S), Options.PartitionKey and SortKey say (HASH "pk" S)`: {PartitionKey: dynamostore.Key{Name: "pk"}},
		`say (HASH "id" S)(RANGE "sk" S)`:                                               {SortKey: dynamostore.Key{Name: "sk"}},
		`index "by-subject" is there and has the key (HASH "subject" S), want`:          {Subject: "owner"},
	} {
		opts.Table = name
		wants(t, "Migrate", open(t, c, opts).Migrate(ctx), want, name)
	}
	other := open(t, c, dynamostore.Options{Table: name, SortKey: dynamostore.Key{Name: "sk"}})
	for op, err := range everything(ctx, other, "a") {
		if op != "create" && op != "sweep" && op != "list" { // which name no key
			wants(t, op, err, "another key than PartitionKey and SortKey")
		}
	}
}

// TestMigrateAndTimeToLive: it is turned on unless it is; another attribute is
// refused; an engine without it is left without, and what else fails is told.
func TestMigrateAndTimeToLive(t *testing.T) {
	c := client(t, find(t))
	def := migrated(t, c, dynamostore.Options{}).Table()
	described := func(status, attribute string) fault {
		return fault{status: 200, body: `{"TimeToLiveDescription":{"TimeToLiveStatus":"` + status + `","AttributeName":"` + attribute + `"}}`}
	}
	done := fault{status: 200, body: `{"TimeToLiveSpecification":{"AttributeName":"ttl","Enabled":true}}`}
	lacks := says(400, "UnknownOperationException", "")
	denied := says(400, "AccessDeniedException", "not authorized")
	for name, c := range map[string]struct {
		described, updated fault
		asked, want        string
	}{
		"off":                     {described("DISABLED", ""), done, "DescribeTimeToLive UpdateTimeToLive", ""},
		"on":                      {described("ENABLED", "ttl"), done, "DescribeTimeToLive", ""},
		"being turned on":         {described("ENABLING", "ttl"), done, "DescribeTimeToLive", ""},
		"on for another":          {described("ENABLED", "death"), done, "DescribeTimeToLive", `for the attribute "death", Options.TTL is "ttl"`},
		"not to be turned on":     {described("DISABLED", ""), lacks, "DescribeTimeToLive UpdateTimeToLive", ""},
		"not known to the engine": {lacks, lacks, "DescribeTimeToLive", ""},
		"denied":                  {described("DISABLED", ""), denied, "DescribeTimeToLive UpdateTimeToLive", "allow them the actions"},
		"not to be seen":          {denied, done, "DescribeTimeToLive", "allow them the actions"},
	} {
		w := newWire(t)
		st := open(t, dial(find(t), over(w), hurried), dynamostore.Options{Table: *def.TableName})
		w.breaks(func(operation string) fault {
			switch operation {
			case "DescribeTimeToLive":
				return c.described
			case "UpdateTimeToLive":
				return c.updated
			}
			return fault{}
		})
		switch err := st.Migrate(t.Context()); {
		case c.want != "":
			wants(t, name, err, c.want)
		case err != nil:
			t.Errorf("%s: %v", name, err)
		}
		if _, got, _ := strings.Cut(w.heard(), "DescribeTable "); strings.TrimPrefix(got, "DescribeTable ") != c.asked {
			t.Errorf("%s: asked %q, want %q", name, got, c.asked)
		}
	}
}

// TestTableThatWasDeletedIsTold, and can be migrated again.
func TestTableThatWasDeletedIsTold(t *testing.T) {
	ctx := t.Context()
	c := client(t, find(t))
	st := migrated(t, c, dynamostore.Options{})
	ok(t, st.Create(ctx, record("a")))
	_, err := c.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: st.Table().TableName})
	ok(t, err)
	testserver.Until(t, 10*time.Second, "the table is gone", func() bool { return load(ctx, st, "a") != nil })
	wants(t, "Load", load(ctx, st, "a"), "Migrate")
	testserver.Until(t, 10*time.Second, "the table can be made again", func() bool { return st.Migrate(ctx) == nil })
	if err := load(ctx, st, "a"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Load: %v", err)
	}
}
