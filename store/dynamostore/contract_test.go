package dynamostore_test

import (
	"testing"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/dynamostore"
	"github.com/gosessions/sessions/store/storetest"
)

func TestContract(t *testing.T) {
	for name, opts := range designs() {
		t.Run(name, func(t *testing.T) {
			address := find(t)
			testserver.Report(t, "dynamostore", product(t, address)+", "+name)
			st := migrated(t, client(t, address), opts)
			storetest.Run(t, func(*testing.T) store.Store { return st })
		})
	}
}

// designs are the tables that a store must work in. Every name is reserved in
// DynamoDB's expressions.
func designs() map[string]dynamostore.Options {
	return map[string]dynamostore.Options{
		"a table of its own": {SweepByScan: true},
		"a table of many kinds": {
			PartitionKey: dynamostore.Key{Name: "KEY", Prefix: "SESSION#", Suffix: "#X"},
			SortKey:      dynamostore.Key{Name: "RANGE", Prefix: "A#"},
			Index:        "GSI1",
			Version:      "COUNT", Expires: "TIMESTAMP", Subject: "USER", Data: "BINARY", TTL: "DATE",
			SweepByScan: true,
		},
		"a fixed sort key": {SortKey: dynamostore.Key{Name: "sk", Value: "SESSION"}, SweepByScan: true},
	}
}
