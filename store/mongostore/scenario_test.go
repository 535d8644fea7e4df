package mongostore_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/mongostore"
)

func TestMain(m *testing.M) { os.Exit(scenario.Main(m, openShared)) }

func TestScenarios(t *testing.T) {
	st, _ := fresh(t)
	scenario.Run(t, func(*testing.T) store.Store { return st })
}

// openShared opens a store in a second process.
func openShared(address string) (store.Store, error) {
	var uri, database string
	if _, err := fmt.Sscan(address, &uri, &database); err != nil {
		return nil, err
	}
	client, err := dial(uri, nil)
	if err != nil {
		return nil, err
	}
	return mongostore.New(client.Database(database), mongostore.Options{})
}

func TestTwoProcessesShareADatabase(t *testing.T) {
	_, db := fresh(t)
	scenario.TwoProcesses(t, server(t)+" "+db.Name())
}

// TestWritersOf16Processes have a client each, so that nothing is shared but
// the server.
func TestWritersOf16Processes(t *testing.T) {
	_, db := fresh(t)
	scenario.Writers(t, func(t *testing.T) store.Store {
		return open(t, connect(t, server(t), nil).Database(db.Name()))
	})
}
