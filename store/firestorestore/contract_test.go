package firestorestore_test

import (
	"cmp"
	"os"
	"testing"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/storetest"
)

func TestContract(t *testing.T) {
	testserver.Report(t, "firestorestore", cmp.Or(os.Getenv("FIRESTORE_SERVER"), "Firestore emulator"))
	st := open(t, connect(t, server(t)), options())
	storetest.Run(t, func(*testing.T) store.Store { return st })
}

// TestContractBetweenProcesses: each call is of another store, which remembers
// nothing of what the others did.
func TestContractBetweenProcesses(t *testing.T) {
	many := &turns{}
	opts := options()
	for range 3 {
		many.stores = append(many.stores, open(t, connect(t, server(t)), opts))
	}
	storetest.Run(t, func(*testing.T) store.Store { return many })
}
