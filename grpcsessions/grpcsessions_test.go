package grpcsessions_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/grpcsessions"
	"github.com/gosessions/sessions/store/memstore"
)

func newManager(t *testing.T) *sessions.Manager {
	t.Helper()
	manager, err := sessions.New(new(memstore.Store), sessions.Options{Transports: []sessions.Transport{sessions.Bearer()}})
	if err != nil {
		t.Fatal(err)
	}
	return manager
}

// begin sets a value, so that a session begins.
func begin(ctx context.Context) error {
	s, err := sessions.Load(ctx)
	if err != nil {
		return err
	}
	return counter.Set(s, 1)
}

// call calls a unary method of a server with interceptors.
func call(t *testing.T, f func(context.Context) error, interceptors ...grpc.UnaryServerInterceptor) (header, trailer metadata.MD, err error) {
	t.Helper()
	service := &grpc.ServiceDesc{ServiceName: "test.Visits", HandlerType: (*any)(nil), Methods: []grpc.MethodDesc{{
		MethodName: "Do",
		Handler: unaryHandler(func(ctx context.Context, _ *text) (*text, error) {
			return new(text), f(ctx)
		})("/test.Visits/Do"),
	}}}
	conn := dial(t, serve(t, service, grpc.ChainUnaryInterceptor(interceptors...)))
	err = conn.Invoke(t.Context(), "/test.Visits/Do", new(text), new(text), grpc.Header(&header), grpc.Trailer(&trailer))
	return header, trailer, err
}

// keys returns the keys of metadata that are not the transport's.
func keys(fields metadata.MD) map[string]int {
	found := make(map[string]int)
	for key, values := range fields {
		if key != "content-type" {
			found[key] = len(values)
		}
	}
	return found
}

// TestMetadataOfAResponse is the token, and nothing without one.
func TestMetadataOfAResponse(t *testing.T) {
	for name, tc := range map[string]struct {
		f               func(context.Context) error
		header, trailer map[string]int
	}{
		"without a session": {f: func(context.Context) error { return nil }},
		"a new session":     {f: begin, header: map[string]int{"x-session-token": 1}},
		"the handler sends the header": {
			f: func(ctx context.Context) error {
				return errors.Join(grpc.SendHeader(ctx, metadata.Pairs("own", "1")), begin(ctx))
			},
			header:  map[string]int{"own": 1},
			trailer: map[string]int{"x-session-token": 1},
		},
	} {
		header, trailer, err := call(t, tc.f, grpcsessions.Unary(newManager(t)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for what, pair := range map[string][2]map[string]int{"header": {tc.header, keys(header)}, "trailer": {tc.trailer, keys(trailer)}} {
			if len(pair[0])+len(pair[1]) > 0 {
				if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
					t.Errorf("%s: %s (-want +got):\n%s", name, what, diff)
				}
			}
		}
	}
}

// TestHeaderOfAStreamHasTheToken also if the handler sends it before its first
// message.
func TestHeaderOfAStreamHasTheToken(t *testing.T) {
	manager := newManager(t)
	service := &grpc.ServiceDesc{ServiceName: "test.Visits", HandlerType: (*any)(nil), Streams: []grpc.StreamDesc{{
		StreamName:    "Watch",
		ServerStreams: true,
		Handler: func(_ any, stream grpc.ServerStream) error {
			if err := errors.Join(stream.RecvMsg(new(text)), begin(stream.Context())); err != nil {
				return err
			}
			if err := stream.SendHeader(metadata.Pairs("own", "1")); err != nil {
				return err
			}
			return stream.SendMsg(wrapperspb.String("counted"))
		},
	}}}
	conn := dial(t, serve(t, service, grpc.ChainStreamInterceptor(grpcsessions.Stream(manager))))
	stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, "/test.Visits/Watch")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(stream.SendMsg(new(text)), stream.CloseSend(), stream.RecvMsg(new(text))); err != nil {
		t.Fatal(err)
	}
	header, err := stream.Header()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"own": 1, "x-session-token": 1}, keys(header)); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
}

// TestInterceptorOutsideSeesTheCause of an error, which the client does not.
func TestInterceptorOutsideSeesTheCause(t *testing.T) {
	var seen error
	outside := func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		resp, err := handler(ctx, req)
		seen = err
		return resp, err
	}
	_, _, err := call(t, func(context.Context) error { return sessions.ErrTooLarge }, outside, grpcsessions.Unary(newManager(t)))
	if !errors.Is(seen, sessions.ErrTooLarge) {
		t.Errorf("the interceptor sees %v", seen)
	}
	if want := "rpc error: code = ResourceExhausted desc = the session is too large"; err == nil || err.Error() != want {
		t.Errorf("the client sees %v, want %s", err, want)
	}
}
