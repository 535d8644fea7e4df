package mongostore_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
)

// TestOutages: while the network or the server fails visitors get 503, and
// afterwards nothing is lost that they were told was saved.
func TestOutages(t *testing.T) {
	t.Parallel() // it waits, for the most part
	for name, fail := range map[string]func(*testserver.Proxy){
		"the server is down":      (*testserver.Proxy).Refuse,
		"the network drops all":   (*testserver.Proxy).Silence,
		"the answers do not come": (*testserver.Proxy).Deafen,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, db := fresh(t)
			proxy := testserver.NewProxy(t, strings.TrimPrefix(server(t), "mongodb://"))
			st := open(t, connect(t, "mongodb://"+proxy.Address, impatient).Database(db.Name()))
			scenario.Outage(t, func(*testing.T) store.Store { return st }, func() { fail(proxy) }, proxy.Pass)
		})
	}
}

// TestServerThatErrs for a while, or wants fewer requests.
func TestServerThatErrs(t *testing.T) {
	t.Parallel() // it waits, for the most part
	for name, says := range map[string]bson.Raw{
		"an internal error": failure(t, 1, "InternalError", "something broke"),
		"throttling":        failure(t, 16500, "TooManyRequests", "Request rate is large"),
		"an overload":       failure(t, 462, "IngressRequestRateLimitExceeded", "overloaded", "SystemOverloadedError", "RetryableError"),
		"an election":       failure(t, 10107, "NotWritablePrimary", "not primary", "RetryableWriteError"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, db := fresh(t)
			w := newWire(t)
			var down atomic.Bool
			w.set(func(command string, _ bson.Raw, ask func() bson.Raw) bson.Raw {
				switch command {
				case "insert", "find", "update", "delete":
					if down.Load() {
						return says
					}
				}
				return ask()
			})
			st := open(t, connect(t, w.address, impatient).Database(db.Name()))
			scenario.Outage(t, func(*testing.T) store.Store { return st }, func() { down.Store(true) }, func() { down.Store(false) })
		})
	}
}

// TestServerThatIsKilledAndComesBack loses nothing that was acknowledged.
func TestServerThatIsKilledAndComesBack(t *testing.T) {
	server := testserver.Private(t, testserver.MongoDB)
	st := open(t, connect(t, server.Address, impatient).Database(name()))
	scenario.Outage(t, func(*testing.T) store.Store { return st }, server.Kill, server.Start)
}
