package redisstore_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
)

// losing is a connection that breaks instead of bringing the answer to the
// next command on a key, if it is told to.
type losing struct {
	net.Conn
	prefix string // of keys
	lose   *atomic.Bool
	doomed atomic.Bool
}

func (c *losing) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte(c.prefix)) && c.lose.CompareAndSwap(true, false) {
		c.doomed.Store(true)
	}
	return c.Conn.Write(b)
}

func (c *losing) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.doomed.Load() {
		_ = c.Close()
		return 0, io.EOF
	}
	return n, err
}

// TestAnswerThatIsLost: a write has happened once and its outcome is unknown,
// a read is made again. The client repeats what it may.
func TestAnswerThatIsLost(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // so that the client takes no second connection
	defer cancel()
	server := testserver.Private(t, testserver.Redis)
	opts := options(0)
	var lose atomic.Bool
	client := connect(t, server.Address, func(o *rueidis.ClientOption) {
		o.DisableRetry = false
		o.DialCtxFn = func(ctx context.Context, address string, d *net.Dialer, _ *tls.Config) (net.Conn, error) {
			conn, err := d.DialContext(ctx, "tcp", address)
			return &losing{Conn: conn, prefix: opts.Prefix, lose: &lose}, err
		}
	})
	admin := connect(t, server.Address, nil)
	st := open(t, client, opts)
	r := record("a")
	r.Subject = ""
	ok(t, st.Create(ctx, record("warm"))) // the scripts are there
	ok(t, st.Save(ctx, record("warm")))
	warm := record("warm")
	ok(t, st.Touch(ctx, "warm", 2, warm.Expires.Add(time.Second)))
	for _, call := range []struct {
		name, command string
		run           func() error
	}{
		{"Create", "set", func() error { return st.Create(ctx, r) }},
		{"Save", "evalsha", func() error { return st.Save(ctx, r) }},
		{"Touch", "evalsha", func() error { return st.Touch(ctx, "a", 2, r.Expires.Add(time.Hour)) }},
		{"Delete", "getdel", func() error { return st.Delete(ctx, "a") }},
	} {
		before := commands(t, admin)
		lose.Store(true)
		err := call.run()
		if err == nil || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrExists) {
			t.Errorf("%s whose answer is lost returns %v", call.name, err)
		}
		if n := commands(t, admin)[call.command] - before[call.command]; n != 1 {
			t.Errorf("%s was sent %d times", call.name, n)
		}
		if call.name != "Delete" {
			lose.Store(true)
			if _, err := st.Load(ctx, "a"); err != nil {
				t.Errorf("Load after %s: %v", call.name, err)
			}
		}
	}
	if _, err := st.Load(ctx, "a"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after Delete: %v", err)
	}
}

func TestLoadWhoseAnswerIsLostIsMadeAgain(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for name, cache := range caching {
		t.Run(name, func(t *testing.T) {
			opts := options(cache)
			var lose atomic.Bool
			client := connect(t, testserver.Find(t, testserver.Redis).Address, func(o *rueidis.ClientOption) {
				o.DialCtxFn = func(ctx context.Context, address string, d *net.Dialer, _ *tls.Config) (net.Conn, error) {
					conn, err := d.DialContext(ctx, "tcp", address)
					return &losing{Conn: conn, prefix: opts.Prefix, lose: &lose}, err
				}
			})
			st := open(t, client, opts)
			ok(t, st.Create(ctx, record("a")))
			lose.Store(true)
			if _, err := st.Load(ctx, "a"); err != nil || lose.Load() {
				t.Errorf("Load: %v; an answer was lost: %t", err, !lose.Load())
			}
		})
	}
}
