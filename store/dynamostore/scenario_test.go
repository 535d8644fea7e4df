package dynamostore_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/dynamostore"
)

func TestMain(m *testing.M) { os.Exit(scenario.Main(m, openShared)) }

// TestScenarios plays them in a table of many kinds; TestTwoProcessesShareATable
// does in a table of its own.
func TestScenarios(t *testing.T) {
	st := migrated(t, client(t, find(t)), designs()["a table of many kinds"])
	scenario.Run(t, func(*testing.T) store.Store { return st })
}

// openShared opens a store in a second process.
func openShared(address string) (store.Store, error) {
	var endpoint, table string
	if _, err := fmt.Sscan(address, &endpoint, &table); err != nil {
		return nil, err
	}
	return dynamostore.New(dial(endpoint), dynamostore.Options{Table: table})
}

func TestTwoProcessesShareATable(t *testing.T) {
	address := find(t)
	c := client(t, address)
	name := table(t, c)
	ok(t, open(t, c, dynamostore.Options{Table: name}).Migrate(t.Context()))
	scenario.TwoProcesses(t, address+" "+name)
}

// TestSixteenProcessesWriteOneSession: each has a client of its own.
func TestSixteenProcessesWriteOneSession(t *testing.T) {
	address := find(t)
	ready := migrated(t, client(t, address), dynamostore.Options{})
	scenario.Writers(t, func(t *testing.T) store.Store {
		return open(t, client(t, address), dynamostore.Options{Table: *ready.Table().TableName})
	})
}

// TestServerThatIsKilledAndComesBack loses nothing that was acknowledged.
func TestServerThatIsKilledAndComesBack(t *testing.T) {
	server := testserver.Private(t, testserver.DynamoDB)
	st := migrated(t, client(t, server.Address), dynamostore.Options{})
	scenario.Outage(t, func(*testing.T) store.Store { return st }, server.Kill, server.Start)
}

// TestNetworkThatFailsAndComesBack loses nothing that was acknowledged,
// whether connections are refused, packets are dropped both ways, or only the
// answers are.
func TestNetworkThatFailsAndComesBack(t *testing.T) {
	for name, fail := range map[string]func(*testserver.Proxy){
		"refused": (*testserver.Proxy).Refuse, "half open": (*testserver.Proxy).Silence, "answers lost": (*testserver.Proxy).Deafen,
	} {
		t.Run(name, func(t *testing.T) {
			address := find(t)
			p := testserver.NewProxy(t, host(t, address))
			ready := migrated(t, client(t, address), dynamostore.Options{})
			st := open(t, client(t, "http://"+p.Address), dynamostore.Options{Table: *ready.Table().TableName})
			scenario.Outage(t, func(*testing.T) store.Store { return st }, func() { fail(p) }, p.Pass)
		})
	}
}

// TestServiceThatFailsAndRecovers loses nothing that was acknowledged, whether
// it fails before or after it carries out what it is asked, or throttles.
func TestServiceThatFailsAndRecovers(t *testing.T) {
	late := fails
	late.after = true
	for name, f := range map[string]fault{"fails": fails, "fails too late": late, "throttles": throttles} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t)
			st := migrated(t, dial(find(t), over(w), hurried), dynamostore.Options{})
			scenario.Outage(t, func(*testing.T) store.Store { return st }, func() { w.breaks(always(f)) }, func() { w.breaks(nil) })
		})
	}
}
