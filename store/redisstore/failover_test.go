package redisstore_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
)

// pair is a primary and its replica behind one address.
type pair struct {
	servers [2]*testserver.Server
	admins  [2]rueidis.Client
	hosts   [2]string
	leads   atomic.Int32 // to which server the address leads
}

func newPair(t *testing.T) *pair {
	t.Helper()
	p := new(pair)
	for i := range p.servers {
		p.servers[i] = testserver.Private(t, testserver.Redis)
		p.admins[i] = connect(t, p.servers[i].Address, nil)
		u, err := url.Parse(p.servers[i].Address)
		ok(t, err)
		p.hosts[i] = u.Host
	}
	do(t, p.admins[0], "CONFIG", "SET", "repl-diskless-sync-delay", "0")
	p.follow(t, 1, 0)
	return p
}

// follow makes a server the replica of another, and waits until it has its
// records.
func (p *pair) follow(t *testing.T, replica, primary int) {
	t.Helper()
	host, port, err := net.SplitHostPort(p.hosts[primary])
	ok(t, err)
	do(t, p.admins[replica], "REPLICAOF", host, port)
	testserver.Until(t, 20*time.Second, "the replica follows", func() bool {
		m := do(t, p.admins[replica], "INFO", "replication")
		info, err := m.ToString()
		return err == nil && strings.Contains(info, "master_link_status:up")
	})
}

// dial connects to the server to which the address leads.
func (p *pair) dial(o *rueidis.ClientOption) {
	o.DialCtxFn = func(ctx context.Context, _ string, d *net.Dialer, _ *tls.Config) (net.Conn, error) {
		return d.DialContext(ctx, "tcp", p.hosts[p.leads.Load()])
	}
}

// TestR106_WritesGoOnAfterAFailoverBehindOneAddress: the primary becomes a
// replica of the other server without closing a connection, and the address
// leads to the other. Reads go on throughout.
func TestR106_WritesGoOnAfterAFailoverBehindOneAddress(t *testing.T) {
	for name, cache := range caching {
		for how, change := range map[string]func(o *rueidis.ClientOption){
			"": func(*rueidis.ClientOption) {}, ", one connection": func(o *rueidis.ClientOption) { o.PipelineMultiplex = -1 },
			", with the client's retries": func(o *rueidis.ClientOption) { o.DisableRetry = false },
		} {
			t.Run(name+how, func(t *testing.T) {
				ctx := t.Context()
				p := newPair(t)
				client := connect(t, p.servers[0].Address, func(o *rueidis.ClientOption) { p.dial(o); change(o) })
				st := open(t, client, options(cache))
				r, doomed := record("a"), record("doomed")
				ok(t, st.Create(ctx, r))
				ok(t, st.Create(ctx, doomed))
				reading, stop := context.WithCancel(ctx)
				var readers sync.WaitGroup
				defer readers.Wait()
				defer stop()
				for range 8 {
					readers.Go(func() { // uses all connections of the client
						tick := time.NewTicker(time.Millisecond)
						defer tick.Stop()
						for reading.Err() == nil {
							<-tick.C
							if _, err := st.Load(reading, "a"); err != nil && reading.Err() == nil {
								t.Errorf("Load: %v", err)
							}
						}
					})
				}
				testserver.Until(t, 10*time.Second, "all connections are used", func() bool { return st.Save(ctx, bump(&r)) == nil && r.Version > 100 })

				m := do(t, client, "WAIT", "1", "10000")
				if n, err := m.AsInt64(); n != 1 || err != nil {
					t.Fatalf("%d replicas have it, error %v", n, err)
				}
				do(t, p.admins[1], "REPLICAOF", "NO", "ONE")
				p.follow(t, 0, 1)
				testserver.Until(t, 10*time.Second, "Save while the address leads to the replica says what to do", func() bool {
					err := st.Save(ctx, r) // may meet the end of a connection that was given up
					return err != nil && strings.Contains(err.Error(), "connect to the primary") && strings.Contains(err.Error(), "READONLY")
				})
				p.leads.Store(1)
				begin := time.Now()
				testserver.Until(t, 10*time.Second, "writes go on", func() bool {
					err := st.Save(ctx, r)
					if err != nil && !strings.Contains(err.Error(), "READONLY") {
						t.Logf("Save: %v", err)
					}
					return err == nil || errors.Is(err, store.ErrConflict)
				})
				t.Logf("writes go on after %v", time.Since(begin))
				testserver.Until(t, 10*time.Second, "all writes go on", func() bool {
					for i := range 50 {
						other := record(strings.Repeat("b", i+1))
						if err := errors.Join(st.Create(ctx, other), st.Save(ctx, other), st.Delete(ctx, other.ID)); err != nil {
							_ = st.Delete(ctx, other.ID)
							return false
						}
					}
					return true
				})
				t.Logf("all writes go on after %v", time.Since(begin))
				testserver.Until(t, 10*time.Second, "Delete reaches the primary", func() bool { return st.Delete(ctx, "doomed") == nil })
				if _, err := st.Load(ctx, "doomed"); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("Load of what was deleted: %v", err)
				}
			})
		}
	}
}

// bump returns a record to save, and remembers the version that it gets.
func bump(r *store.Record) store.Record {
	was := *r
	r.Version++
	return was
}
