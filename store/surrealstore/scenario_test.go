package surrealstore_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/surrealdb/surrealdb.go/pkg/connection"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/surrealstore"
)

func TestMain(m *testing.M) { os.Exit(scenario.Main(m, openShared)) }

func TestScenarios(t *testing.T) {
	st := open(t, connect(t, find(t), nil))
	scenario.Run(t, func(*testing.T) store.Store { return st })
}

// openShared opens a store in a second process.
func openShared(address string) (store.Store, error) {
	var s server
	var url string
	if _, err := fmt.Sscan(address, &url, &s.database); err != nil {
		return nil, err
	}
	if err := s.parse(url); err != nil {
		return nil, err
	}
	db, err := s.dial(context.Background(), nil)
	if err != nil {
		return nil, err
	}
	return surrealstore.New(db, surrealstore.Options{})
}

func TestTwoProcessesShareAServer(t *testing.T) {
	s := find(t)
	open(t, connect(t, s, nil))
	scenario.TwoProcesses(t, testserver.Find(t, testserver.SurrealDB).Address+" "+s.database)
}

// TestServerThatIsGoneForAWhile loses nothing that was acknowledged.
func TestServerThatIsGoneForAWhile(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(*testserver.Proxy){
		"refuses": (*testserver.Proxy).Refuse,
		"silent":  (*testserver.Proxy).Silence,
		"deaf":    (*testserver.Proxy).Deafen,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := find(t)
			proxy := testserver.NewProxy(t, s.host)
			st := open(t, connect(t, s.through(proxy), nil))
			scenario.Outage(t, func(*testing.T) store.Store { return st }, func() { stop(proxy) }, proxy.Pass)
		})
	}
}

// TestServerThatAnswersByErrors for a while, whether or not it has carried out
// what it was told, loses nothing that was acknowledged.
func TestServerThatAnswersByErrors(t *testing.T) {
	t.Parallel()
	for name, carriedOut := range map[string]bool{"refuses": false, "carries out": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, h := hook(t, find(t))
			st := open(t, db)
			var fails atomic.Bool
			h.hook = func(send func() (*answer, error)) (*answer, error) {
				if !fails.Load() {
					return send()
				}
				if carriedOut {
					_, _ = send()
				}
				return nil, &connection.RPCError{Code: -32000, Message: "too many requests"}
			}
			scenario.Outage(t, func(*testing.T) store.Store { return st }, func() { fails.Store(true) }, func() { fails.Store(false) })
		})
	}
}
