package respond

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"
)

// carrier is a hijacked connection on which the handler writes the head of the
// response itself. It adds header lines to that head. What the handler writes
// after it, or instead of it, passes unchanged.
type carrier struct {
	net.Conn
	carried func() // called when the lines were added

	mu    sync.Mutex // guards all below
	lines [][]byte   // to be added, each with its end; nil when that is over
	head  []byte     // what was written of the head so far
}

// maxHead bounds a head that is waited for, in bytes.
const maxHead = 64 << 10

var protocol = []byte("HTTP/1.")

// carry returns a hijacked connection that adds fields to the response's head.
// The reader keeps what it has read from the client.
func carry(conn net.Conn, rw *bufio.ReadWriter, fields http.Header, carried func()) (*carrier, *bufio.ReadWriter) {
	c := &carrier{Conn: conn, carried: carried}
	for name, values := range fields {
		for _, v := range values {
			c.lines = append(c.lines, []byte(name+": "+v+"\r\n"))
		}
	}
	slices.SortFunc(c.lines, bytes.Compare)
	return c, bufio.NewReadWriter(rw.Reader, bufio.NewWriter(c))
}

// Write writes to the connection. The head is held back until it is complete.
func (c *carrier) Write(p []byte) (int, error) {
	c.mu.Lock()
	if c.lines == nil {
		c.mu.Unlock()
		return c.Conn.Write(p)
	}
	defer c.mu.Unlock()
	c.head = append(c.head, p...)
	for {
		n, end := min(len(c.head), len(protocol)), headEnd(c.head)
		switch {
		case !bytes.Equal(c.head[:n], protocol[:n]), end < 0 && len(c.head) > maxHead:
			return c.flush(len(p))
		case end < 0:
			return len(p), nil
		case !informational(c.head):
			c.add(end)
			return c.flush(len(p))
		}
		if n, err := c.send(end, len(p)); err != nil {
			return n, err
		}
	}
}

// headEnd returns the length of a head with the empty line that ends it, and
// -1 if that is not there. A line may end without a carriage return (RFC 9112,
// section 2.2).
func headEnd(head []byte) int {
	for end := 0; ; {
		length := bytes.IndexByte(head[end:], '\n')
		if length < 0 {
			return -1
		}
		line := head[end : end+length]
		if end += length + 1; len(line) == 0 || string(line) == "\r" {
			return end
		}
	}
}

// informational reports whether another head follows this one: its status is
// 1xx, but not 101. Clients ignore cookies in such a head.
func informational(head []byte) bool {
	_, status, _ := bytes.Cut(head, []byte(" "))
	return bytes.HasPrefix(status, []byte("1")) && !bytes.HasPrefix(status, []byte("101"))
}

// add puts the lines that are not there behind the status line. It needs c.mu.
func (c *carrier) add(end int) {
	at := bytes.IndexByte(c.head, '\n') + 1
	for _, line := range c.lines {
		if !bytes.Contains(c.head[:end], append([]byte("\n"), line...)) {
			c.head = slices.Insert(c.head, at, line...)
			end += len(line)
		}
	}
	c.carried()
}

// flush sends all that is held back, for a Write of n bytes, and adds nothing
// any more. It needs c.mu.
func (c *carrier) flush(n int) (int, error) {
	c.lines = nil
	if len(c.head) == 0 {
		return n, nil
	}
	n, err := c.send(len(c.head), n)
	c.head = nil
	return n, err
}

// send sends the beginning of what is held back, for a Write of n bytes, which
// are the last ones. If that fails, it returns how many of them were sent. It
// needs c.mu.
func (c *carrier) send(length, n int) (int, error) {
	sent, err := c.Conn.Write(c.head[:length])
	c.head = c.head[sent:]
	if err != nil {
		n = max(n-len(c.head), 0)
		c.head, c.lines = nil, nil
	}
	return n, err
}

// Close sends what is held back and closes the connection. It does not wait for
// a Write under way, but ends it.
func (c *carrier) Close() error {
	if c.mu.TryLock() {
		_, _ = c.flush(0)
		c.mu.Unlock()
	}
	return c.Conn.Close()
}

// CloseWrite closes the half of the connection that leads to the client.
func (c *carrier) CloseWrite() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.ErrUnsupported
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = c.flush(0)
	return half.CloseWrite()
}
