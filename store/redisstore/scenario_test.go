package redisstore_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/redisstore"
)

func TestMain(m *testing.M) { os.Exit(scenario.Main(m, openShared)) }

func TestScenarios(t *testing.T) {
	each(t, func(t *testing.T, client rueidis.Client, opts redisstore.Options) {
		st := open(t, client, opts)
		scenario.Run(t, func(*testing.T) store.Store { return st })
	})
}

// openShared opens a store in a second process.
func openShared(address string) (store.Store, error) {
	var url, prefix string
	if _, err := fmt.Sscan(address, &url, &prefix); err != nil {
		return nil, err
	}
	client, err := dial(url, nil)
	if err != nil {
		return nil, err
	}
	return redisstore.New(client, redisstore.Options{Prefix: prefix})
}

func TestTwoProcessesShareAServer(t *testing.T) {
	for _, e := range engines {
		t.Run(string(e), func(t *testing.T) {
			scenario.TwoProcesses(t, testserver.Find(t, e).Address+" "+options(0).Prefix)
		})
	}
}

// TestServerThatIsKilledAndComesBack loses nothing that was acknowledged, for
// it writes its log before it answers. The client may repeat reads or not.
func TestServerThatIsKilledAndComesBack(t *testing.T) {
	for _, retry := range []bool{false, true} {
		for name, cache := range caching {
			t.Run(fmt.Sprintf("%s, retry %t", name, retry), func(t *testing.T) {
				server := testserver.Private(t, testserver.Redis)
				client := connect(t, server.Address, func(o *rueidis.ClientOption) { o.DisableRetry = !retry })
				st := open(t, client, options(cache))
				scenario.Outage(t, func(*testing.T) store.Store { return st }, server.Kill, server.Start)
			})
		}
	}
}
