package grpcsessions

import (
	"context"
	"net/http"
	"strings"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/gosessions/sessions"
)

// response takes the metadata of a response.
type response interface {
	SetHeader(metadata.MD) error
	SetTrailer(metadata.MD)
}

// unary is the response of the unary call that the context belongs to.
type unary struct{ ctx context.Context }

func (u unary) SetHeader(md metadata.MD) error { return grpc.SetHeader(u.ctx, md) }
func (u unary) SetTrailer(md metadata.MD)      { _ = grpc.SetTrailer(u.ctx, md) } // fails if the client has gone

// call is one call and its exchange.
type call struct {
	ctx  context.Context // of the handler
	x    *sessions.Exchange
	resp response

	mu    sync.Mutex // held while the response begins or ends
	begun bool
	err   error // the response could not begin
}

// run runs a handler from the beginning of the exchange to its end.
func (c *call) run(handler func() error) error {
	returned := false
	defer func() {
		_, _ = c.x.Discard()
		if !returned { // an interceptor outside may recover the panic and answer
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

// respond calls Exchange.Respond and sends what the client must know about its
// token. If the header has been sent, it travels in the trailer.
func (c *call) respond(status int) error {
	header := make(http.Header)
	err := c.x.Respond(c.ctx, status, header)
	fields := make(metadata.MD)
	for name, values := range header {
		if name != "Vary" && name != "Cache-Control" { // no cache keeps a response of gRPC
			fields[strings.ToLower(name)] = values
		}
	}
	if !c.begun && c.resp.SetHeader(fields) != nil {
		c.resp.SetTrailer(fields)
	}
	c.begun = true
	return err
}

// stream is a stream whose first message, or header, makes the response begin.
type stream struct {
	grpc.ServerStream
	call *call
}

func (s *stream) Context() context.Context { return s.call.ctx }

func (s *stream) SendHeader(fields metadata.MD) error {
	if err := s.call.begin(); err != nil {
		return err
	}
	return s.ServerStream.SendHeader(fields)
}

func (s *stream) SendMsg(message any) error {
	if err := s.call.begin(); err != nil {
		return err
	}
	return s.ServerStream.SendMsg(message)
}
