package mongostore_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/storetest"
)

func TestContract(t *testing.T) {
	client := connect(t, server(t), nil)
	testserver.Report(t, "mongostore", product(t, client))
	st, _ := fresh(t)
	storetest.Run(t, func(*testing.T) store.Store { return st })
}

// TestContractWithoutIndexes: they make it fast, not right.
func TestContractWithoutIndexes(t *testing.T) {
	st := open(t, database(t, connect(t, server(t), nil)))
	storetest.Run(t, func(*testing.T) store.Store { return st })
}

// TestContractByTheStableAPI, which refuses commands that are no part of it.
func TestContractByTheStableAPI(t *testing.T) {
	client := connect(t, server(t), func(o *options.ClientOptions) {
		o.SetServerAPIOptions(options.ServerAPI(options.ServerAPIVersion1).SetStrict(true))
	})
	st := open(t, database(t, client))
	ok(t, st.Migrate(t.Context()))
	storetest.Run(t, func(*testing.T) store.Store { return st })
}
