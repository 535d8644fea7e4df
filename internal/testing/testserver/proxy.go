package testserver

import (
	"net"
	"sync"
	"testing"
)

// Proxy stands between a client and a server, and breaks what passes. It
// passes everything until told otherwise, is safe for concurrent use, and ends
// with its test.
type Proxy struct {
	// Address is the host and port that the client dials in place of the
	// server's.
	Address string

	server   string
	listener net.Listener
	pumps    sync.WaitGroup

	mu     sync.Mutex
	fault  fault
	passes chan struct{} // closed while fault is none
	conns  map[net.Conn]bool
	closed bool
}

// fault is what a proxy does to connections.
type fault int

const (
	none    fault = iota
	refuse        // new connections are closed at once
	silence       // bytes wait: a connection that is half open
	deafen        // questions arrive, answers wait
)

// NewProxy returns a proxy of the server at a host and port.
func NewProxy(t testing.TB, server string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal("testserver: no proxy: ", err)
	}
	p := &Proxy{Address: l.Addr().String(), server: server, listener: l, passes: make(chan struct{}), conns: make(map[net.Conn]bool)}
	close(p.passes)
	p.pumps.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// Pass passes everything again, also what waits.
func (p *Proxy) Pass() { p.set(none) }

// Refuse cuts all connections and refuses new ones, as a server that is down.
func (p *Proxy) Refuse() {
	p.set(refuse)
	p.Cut()
}

// Silence holds what is sent either way, without closing anything, as a
// network that drops packets.
func (p *Proxy) Silence() { p.set(silence) }

// Deafen lets questions through and holds the answers, so that the server
// carries out what the client never hears of. Cut then loses the answers.
func (p *Proxy) Deafen() { p.set(deafen) }

// Cut closes all connections. New ones can be made.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *Proxy) set(f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed || f == p.fault:
		return
	case f == none:
		close(p.passes)
	case p.fault == none:
		p.passes = make(chan struct{})
	default: // those who wait find out what has changed
		close(p.passes)
		p.passes = make(chan struct{})
	}
	p.fault = f
}

func (p *Proxy) close() {
	p.set(none)
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	_ = p.listener.Close()
	p.Cut()
	p.pumps.Wait()
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.pumps.Go(func() { p.serve(client) })
	}
}

// serve passes bytes until either side closes.
func (p *Proxy) serve(client net.Conn) {
	defer client.Close()
	if !p.keep(client) {
		return
	}
	defer p.forget(client)
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	if !p.keep(server) {
		return
	}
	defer p.forget(server)
	var back sync.WaitGroup
	back.Go(func() { p.pump(client, server, deafen) })
	p.pump(server, client, silence)
	back.Wait()
}

// pump copies from one side to the other; it waits for as long as the fault is
// one of those from silence up to worst.
func (p *Proxy) pump(to, from net.Conn, worst fault) {
	defer to.Close() // so that the other direction ends, too
	defer from.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		p.wait(worst)
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// wait returns when bytes of that direction may pass.
func (p *Proxy) wait(worst fault) {
	for {
		p.mu.Lock()
		fault, passes := p.fault, p.passes
		p.mu.Unlock()
		if fault < silence || fault > worst {
			return
		}
		<-passes
	}
}

// keep notes a connection for Cut, unless there shall be none.
func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.fault == refuse {
		return false
	}
	p.conns[c] = true
	return true
}

func (p *Proxy) forget(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}
