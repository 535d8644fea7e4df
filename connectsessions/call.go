package connectsessions

import (
	"context"
	"net/http"
	"sync"

	"connectrpc.com/connect"

	"github.com/gosessions/sessions"
)

// call is one call and its exchange.
type call struct {
	ctx    context.Context // of the handler
	x      *sessions.Exchange
	header http.Header // of the response, until that begins

	mu    sync.Mutex // held while the response begins or ends
	begun bool
	err   error // the response could not begin
}

// run runs a handler from the beginning of the exchange to its end.
func (c *call) run(handler func() error) error {
	returned := false
	defer func() {
		_, _ = c.x.Discard()
		if !returned { // a middleware outside may recover the panic and answer
			_ = c.respond(http.StatusInternalServerError)
		}
	}()
	err := handler()
	returned = true
	return coded(c.end(err))
}

// begin saves the session before the first message of a response.
func (c *call) begin() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.begun {
		c.err = coded(c.respond(http.StatusOK))
	}
	return c.err
}

// end saves what the handler has changed since the response began, or all of it
// if it has not begun. An error of the handler means that the call has failed,
// whatever its code.
func (c *call) end(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	status := http.StatusOK
	if err != nil {
		status = http.StatusInternalServerError
	}
	if failed := c.respond(status); failed != nil {
		return failed
	}
	return err
}

// respond calls Exchange.Respond. The header of a response that has begun is
// lost, but then no token follows.
func (c *call) respond(status int) error {
	header := c.header
	if c.begun {
		header = make(http.Header)
	}
	c.begun = true
	return c.x.Respond(c.ctx, status, header)
}

// stream is a stream whose first message makes the response begin.
type stream struct {
	connect.StreamingHandlerConn
	call *call
}

// Send saves the session before the first message.
func (s *stream) Send(message any) error {
	if err := s.call.begin(); err != nil {
		return err
	}
	return s.StreamingHandlerConn.Send(message)
}
