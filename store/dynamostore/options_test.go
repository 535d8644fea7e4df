package dynamostore_test

import (
	"strings"
	"testing"

	"github.com/gosessions/sessions/store/dynamostore"
)

func TestOptionsThatAreRefused(t *testing.T) {
	long := strings.Repeat("x", 2000)
	for name, c := range map[string]struct {
		opts dynamostore.Options
		want []string
	}{
		"a table's name":           {dynamostore.Options{Table: "a/b"}, []string{`Options.Table is "a/b"`, "client is nil"}},
		"an index's name":          {dynamostore.Options{Index: "x"}, []string{`Options.Index is "x"`, "client is nil"}},
		"one partition":            {dynamostore.Options{PartitionKey: dynamostore.Key{Value: "x"}}, []string{"one partition"}},
		"a sort key without name":  {dynamostore.Options{SortKey: dynamostore.Key{Value: "x"}}, []string{"SortKey has no Name"}},
		"a sort key of both kinds": {dynamostore.Options{SortKey: dynamostore.Key{Name: "sk", Value: "x", Prefix: "y"}}, []string{"has a Value"}},
		"long keys": {dynamostore.Options{
			PartitionKey: dynamostore.Key{Prefix: long}, SortKey: dynamostore.Key{Name: "sk", Suffix: long},
		}, []string{"PartitionKey may need 2128 bytes with the id, 2048", "SortKey may need 2128 bytes, 1024"}},
		"a long value": {dynamostore.Options{SortKey: dynamostore.Key{Name: "sk", Value: long}}, []string{"SortKey may need 2000 bytes, 1024"}},
		"one name for two": {dynamostore.Options{TTL: "expires", SortKey: dynamostore.Key{Name: "id"}},
			[]string{`Expires and Options.TTL are both the attribute "expires"`, `PartitionKey and Options.SortKey are both the attribute "id"`}},
		"what is no text": {dynamostore.Options{
			PartitionKey: dynamostore.Key{Prefix: "a\xff"}, SortKey: dynamostore.Key{Name: "sk", Value: "\xff"}, Data: "d\xff",
		}, []string{"PartitionKey has a Prefix or Suffix that", "SortKey has a Prefix, Suffix or Value that", `Data names an attribute that is not UTF-8: "d\xff"`}},
		"a long name": {dynamostore.Options{Data: long}, []string{"Options.Data has 2000 bytes"}},
	} {
		_, err := dynamostore.New(nil, c.opts)
		wants(t, name, err, c.want...)
	}
}

func TestTableOfAnotherAccountIsNamedByItsARN(t *testing.T) {
	const arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/sessions"
	st := open(t, dial("http://127.0.0.1:9"), dynamostore.Options{Table: arn})
	if got := *st.Table().TableName; got != arn {
		t.Errorf("the table is %q", got)
	}
}
