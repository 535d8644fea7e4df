package redisstore_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testing/testserver"
)

// held is a connection whose answers wait while a lock is held.
type held struct {
	net.Conn
	mu *sync.Mutex
}

func (c *held) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	return n, err
}

// watched is a context that tells when somebody begins to wait for its end.
type watched struct {
	context.Context
	waits func()
}

func (c *watched) Done() <-chan struct{} {
	c.waits()
	return c.Context.Done()
}

// TestVisitorWhoGoesStopsNoOther: the client asks the server once for all who
// load a record at the same time, in the context of the first.
func TestVisitorWhoGoesStopsNoOther(t *testing.T) {
	const others = 8
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var mu sync.Mutex
	client := connect(t, testserver.Find(t, testserver.Redis).Address, func(o *rueidis.ClientOption) {
		o.PipelineMultiplex = -1
		o.DialCtxFn = func(ctx context.Context, address string, d *net.Dialer, _ *tls.Config) (net.Conn, error) {
			conn, err := d.DialContext(ctx, "tcp", address)
			return &held{conn, &mu}, err
		}
	})
	st := open(t, client, options(time.Minute))
	r := record("a")
	ok(t, st.Create(ctx, r))
	mu.Lock()
	load := func(ctx context.Context) chan error {
		result, waits := make(chan error, 1), make(chan struct{})
		tell := sync.OnceFunc(func() { close(waits) })
		go func() { _, err := st.Load(&watched{ctx, tell}, r.ID); result <- err }()
		<-waits
		return result
	}
	leaving, leave := context.WithCancel(ctx)
	first := load(leaving)
	results := make([]chan error, others)
	for i := range results {
		results[i] = load(ctx)
	}
	leave()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("who went: %v", err)
	}
	mu.Unlock()
	for _, result := range results {
		if err := <-result; err != nil {
			t.Errorf("who stayed: %v", err)
		}
	}
}
