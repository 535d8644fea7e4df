package firestorestore_test

import (
	"context"
	"path"
	"slices"
	"sync"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc"
)

// wire stands between a client and its connection. It notes what is sent, and
// breaks it if it is told to.
type wire struct {
	mu     sync.Mutex
	sent   []string
	before error // for calls that are not sent
	after  error // for calls whose answer is dropped
	times  int   // how many calls are broken; below zero for all
}

// options put the wire into a connection.
func (w *wire) options() []grpc.DialOption {
	return []grpc.DialOption{grpc.WithChainUnaryInterceptor(w.unary), grpc.WithChainStreamInterceptor(w.stream)}
}

// breaks has the next calls fail, before they are sent or after.
func (w *wire) breaks(times int, before, after error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.times, w.before, w.after = times, before, after
}

// took returns what was sent since it was last asked.
func (w *wire) took() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	sent := w.sent
	w.sent = nil
	slices.Sort(sent) // a sweep deletes in parallel
	return sent
}

// note books a call, and returns how it is broken.
func (w *wire) note(method string, req any) (before, after error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	call := path.Base(method)
	if c, ok := req.(*firestorepb.CommitRequest); ok && len(c.Writes) != 1 {
		call += " of several"
	}
	w.sent = append(w.sent, call)
	if w.times == 0 {
		return nil, nil
	}
	w.times--
	return w.before, w.after
}

func (w *wire) unary(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	before, after := w.note(method, req)
	if before != nil {
		return before
	}
	if err := invoke(ctx, method, req, reply, cc, opts...); err != nil {
		return err
	}
	return after
}

func (w *wire) stream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	before, after := w.note(method, nil)
	if before != nil {
		return nil, before
	}
	s, err := open(ctx, desc, cc, method, opts...)
	if err != nil || after == nil {
		return s, err
	}
	return broken{s, after}, nil
}

// broken is a stream that ends before its first answer.
type broken struct {
	grpc.ClientStream
	err error
}

func (s broken) RecvMsg(m any) error {
	if err := s.ClientStream.RecvMsg(m); err != nil {
		return err
	}
	return s.err
}
