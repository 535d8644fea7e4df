package remote_test

import (
	"io"
	"net"
	"sync"
	"testing"
)

// proxy forwards connections, until it is stopped and cuts them all.
type proxy struct {
	t               *testing.T
	address, target string
	wg              sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener // nil while it is stopped
	conns    []net.Conn
}

func newProxy(t *testing.T, target string) *proxy {
	p := &proxy{t: t, address: "127.0.0.1:0", target: target}
	p.start()
	p.address = p.listener.Addr().String()
	t.Cleanup(p.stop)
	return p
}

func (p *proxy) start() {
	l, err := net.Listen("tcp4", p.address)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listener = l
	p.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.forward(c, l)
		}
	})
}

func (p *proxy) forward(c net.Conn, from net.Listener) {
	server, err := net.Dial("tcp4", p.target)
	if err != nil {
		_ = c.Close()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != from {
		_, _ = c.Close(), server.Close()
		return
	}
	p.conns = append(p.conns, c, server)
	for _, way := range [][2]net.Conn{{c, server}, {server, c}} {
		p.wg.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			_, _ = way[0].Close(), way[1].Close()
		})
	}
}

func (p *proxy) stop() {
	p.mu.Lock()
	if p.listener != nil {
		_ = p.listener.Close()
	}
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.listener, p.conns = nil, nil
	p.mu.Unlock()
	p.wg.Wait()
}
