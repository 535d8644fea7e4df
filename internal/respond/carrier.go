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

var (
	protocol = []byte("HTTP/1.")
	lineEnd  = []byte("\r\n")
	headEnd  = []byte("\r\n\r\n")
)

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
	n := min(len(c.head), len(protocol))
	end := bytes.Index(c.head, headEnd)
	switch {
	case !bytes.Equal(c.head[:n], protocol[:n]), end < 0 && len(c.head) > maxHead:
	case end < 0:
		return len(p), nil
	default:
		c.add(end)
	}
	return c.flush(len(p))
}

// add puts the lines that are not there behind the status line. It needs c.mu.
func (c *carrier) add(end int) {
	at := bytes.Index(c.head, lineEnd) + len(lineEnd)
	for _, line := range c.lines {
		if !bytes.Contains(c.head[:end+len(lineEnd)], append([]byte("\n"), line...)) {
			c.head = slices.Insert(c.head, at, line...)
			end += len(line)
		}
	}
	c.carried()
}

// flush sends what is held back, for a Write of n bytes. It needs c.mu.
func (c *carrier) flush(n int) (int, error) {
	head := c.head
	c.head, c.lines = nil, nil
	if len(head) == 0 {
		return n, nil
	}
	if _, err := c.Conn.Write(head); err != nil {
		return 0, err
	}
	return n, nil
}

// Close sends what is held back and closes the connection.
func (c *carrier) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = c.flush(0)
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
