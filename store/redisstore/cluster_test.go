package redisstore_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/storetest"
)

// TestCluster: a node refuses what concerns keys of several slots, also where
// it has all of them.
func TestCluster(t *testing.T) {
	for name, cache := range caching {
		t.Run(name, func(t *testing.T) {
			address := cluster(t)
			admin := connect(t, address, func(o *rueidis.ClientOption) { o.ForceSingleClient = true })
			err := admin.Do(t.Context(), admin.B().Arbitrary("DEL", "a", "b").Build()).Error()
			if err == nil || !strings.Contains(err.Error(), "CROSSSLOT") {
				t.Fatalf("the cluster takes keys of two slots: %v", err)
			}
			client := connect(t, address, nil)
			if client.Mode() != rueidis.ClientModeCluster {
				t.Fatalf("the client is in mode %v", client.Mode())
			}
			st := open(t, client, options(cache))
			t.Run("contract", func(t *testing.T) { storetest.Run(t, func(*testing.T) store.Store { return st }) })
			t.Run("scenarios", func(t *testing.T) { scenario.Run(t, func(*testing.T) store.Store { return st }) })
			tagged := options(cache)
			tagged.Prefix = "{" + tagged.Prefix + "}"
			st = open(t, client, tagged)
			t.Run("hash tag", func(t *testing.T) { storetest.Run(t, func(*testing.T) store.Store { return st }) })
		})
	}
}

// cluster returns the address of a cluster of one node.
func cluster(t *testing.T) string {
	t.Helper()
	server := testserver.Private(t, testserver.RedisCluster)
	admin := connect(t, server.Address, func(o *rueidis.ClientOption) { o.ForceSingleClient = true })
	do(t, admin, "CLUSTER", "ADDSLOTSRANGE", "0", "16383")
	testserver.Until(t, 10*time.Second, "the cluster is up", func() bool {
		m := do(t, admin, "CLUSTER", "INFO")
		info, err := m.ToString()
		return err == nil && strings.Contains(info, "cluster_state:ok")
	})
	return server.Address
}

// TestFailover: the primary is killed, and its replica takes its name and then
// its place.
func TestFailover(t *testing.T) {
	for name, cache := range caching {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			first, second := testserver.Private(t, testserver.Redis), testserver.Private(t, testserver.Redis)
			replica := connect(t, second.Address, nil)
			var name atomic.Pointer[string] // to what the name of the database points
			point := func(s *testserver.Server) string {
				u, err := url.Parse(s.Address)
				ok(t, err)
				name.Store(&u.Host)
				return u.Host
			}
			host, port, err := net.SplitHostPort(point(first))
			ok(t, err)
			do(t, connect(t, first.Address, nil), "CONFIG", "SET", "repl-diskless-sync-delay", "0")
			do(t, replica, "REPLICAOF", host, port)
			client := connect(t, first.Address, func(o *rueidis.ClientOption) {
				o.DialCtxFn = func(ctx context.Context, _ string, d *net.Dialer, _ *tls.Config) (net.Conn, error) {
					return d.DialContext(ctx, "tcp", *name.Load())
				}
			})
			opts := options(cache)
			st := open(t, client, opts)
			r, lost := record("a"), record("lost")
			ok(t, st.Create(ctx, r))
			ok(t, st.Create(ctx, lost))
			ok(t, st.Save(ctx, r))
			r.Version++
			_, err = st.Load(ctx, "lost")
			ok(t, err)
			m := do(t, client, "WAIT", "1", "10000")
			if n, err := m.AsInt64(); n != 1 || err != nil {
				t.Fatalf("%d replicas have it, error %v", n, err)
			}

			first.Kill()
			wants(t, "Save without a server", st.Save(ctx, r))
			point(second)
			testserver.Until(t, 10*time.Second, "the replica is reached", func() bool {
				err := st.Save(ctx, r)
				return err != nil && strings.Contains(err.Error(), "READONLY")
			})
			for what, write := range map[string]func() error{
				"Save":   func() error { return st.Save(ctx, r) },
				"Create": func() error { return st.Create(ctx, record("b")) },
				"Delete": func() error { return st.Delete(ctx, "a") },
			} {
				testserver.Until(t, 10*time.Second, what+" on the replica says what to do", func() bool {
					err := write() // may meet the end of a connection that was given up
					return err != nil && strings.Contains(err.Error(), "connect to the primary")
				})
			}
			do(t, replica, "REPLICAOF", "NO", "ONE")
			ok(t, replica.Do(ctx, replica.B().Del().Key(opts.Prefix+"id:lost").Build()).Error())                               // as if it had not arrived
			testserver.Until(t, 10*time.Second, "the new primary takes writes", func() bool { return st.Save(ctx, r) == nil }) // the script is not there
			if got, err := st.Load(ctx, "a"); err != nil || got.Version != 3 {
				t.Errorf("after the failover: version %d, error %v", got.Version, err)
			}
			begin := time.Now()
			testserver.Until(t, 10*time.Second, "what the failover lost is gone", func() bool { _, err := st.Load(ctx, "lost"); return errors.Is(err, store.ErrNotFound) })
			if took := time.Since(begin); took > time.Second {
				t.Errorf("what the failover lost was there for %v", took)
			}
			if err := st.Save(ctx, lost); !errors.Is(err, store.ErrConflict) {
				t.Errorf("Save of what the failover lost: %v", err)
			}
		})
	}
}
