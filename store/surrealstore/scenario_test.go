package surrealstore_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/surrealdb/surrealdb.go/pkg/connection"

	"github.com/gosessions/sessions/internal/scenario"
	"github.com/gosessions/sessions/internal/testserver"
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
	for name, stop := range map[string]func(*testserver.Proxy){
		"refuses": (*testserver.Proxy).Refuse,
		"silent":  (*testserver.Proxy).Silence,
		"deaf":    (*testserver.Proxy).Deafen,
	} {
		t.Run(name, func(t *testing.T) {
			s := find(t)
			proxy := testserver.NewProxy(t, s.host)
			st := open(t, connect(t, s.through(proxy), nil))
			scenario.Outage(t, func(*testing.T) store.Store { return hasty{st} }, func() { stop(proxy) }, proxy.Pass)
		})
	}
}

// TestServerThatAnswersByErrors for a while, whether or not it has carried out
// what it was told, loses nothing that was acknowledged.
func TestServerThatAnswersByErrors(t *testing.T) {
	for name, carriedOut := range map[string]bool{"refuses": false, "carries out": true} {
		t.Run(name, func(t *testing.T) {
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

// hasty waits no longer than that for an answer, so that an outage takes
// seconds to see and not minutes.
type hasty struct{ *surrealstore.Store }

func hurry(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, 100*time.Millisecond)
}

func (h hasty) Create(ctx context.Context, r store.Record) error {
	ctx, cancel := hurry(ctx)
	defer cancel()
	return h.Store.Create(ctx, r)
}

func (h hasty) Load(ctx context.Context, id string) (store.Record, error) {
	ctx, cancel := hurry(ctx)
	defer cancel()
	return h.Store.Load(ctx, id)
}

func (h hasty) Save(ctx context.Context, r store.Record) error {
	ctx, cancel := hurry(ctx)
	defer cancel()
	return h.Store.Save(ctx, r)
}

func (h hasty) Delete(ctx context.Context, id string) error {
	ctx, cancel := hurry(ctx)
	defer cancel()
	return h.Store.Delete(ctx, id)
}
