package firestorestore_test

import (
	"fmt"
	"os"
	"testing"

	"google.golang.org/grpc"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/firestorestore"
)

func TestMain(m *testing.M) { os.Exit(scenario.Main(m, openShared)) }

func TestScenarios(t *testing.T) {
	st := open(t, connect(t, server(t)), options())
	scenario.Run(t, func(*testing.T) store.Store { return st })
}

// openShared opens a store in a second process.
func openShared(address string) (store.Store, error) {
	var host, collection string
	if _, err := fmt.Sscan(address, &host, &collection); err != nil {
		return nil, err
	}
	client, err := dial(host, project, grpc.WithPerRPCCredentials(owner{}))
	if err != nil {
		return nil, err
	}
	return firestorestore.New(client, firestorestore.Options{Collection: collection})
}

func TestTwoProcessesShareADatabase(t *testing.T) {
	scenario.TwoProcesses(t, server(t)+" "+options().Collection)
}

// TestManyProcessesWriteOneSession: each has a connection and a store of its
// own, and knows nothing of what the others write.
func TestManyProcessesWriteOneSession(t *testing.T) {
	opts := options()
	scenario.Writers(t, func(t *testing.T) store.Store { return open(t, connect(t, server(t)), opts) })
}
