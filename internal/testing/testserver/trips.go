package testserver

import (
	"context"
	"net"
	"sync/atomic"
)

// Trips counts round trips: how often something is sent over its connections
// after something was received. It is safe for concurrent use.
type Trips struct{ n atomic.Int64 }

// Count returns the number of round trips so far.
func (t *Trips) Count() int64 { return t.n.Load() }

// Dial makes a connection that is counted, for a driver's configuration.
func (t *Trips) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &countedConn{Conn: conn, trips: t}, nil
}

type countedConn struct {
	net.Conn
	trips  *Trips
	answer atomic.Bool // what was received last was no part of a question
}

func (c *countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.answer.Store(true)
	}
	return n, err
}

func (c *countedConn) Write(b []byte) (int, error) {
	if c.answer.Swap(false) {
		c.trips.n.Add(1)
	}
	return c.Conn.Write(b)
}
