package grpcsessions_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/gosessions/sessions/grpcsessions"
	"github.com/gosessions/sessions/internal/testing/rpcmatrix"
)

type text = wrapperspb.StringValue

// TestGRPC plays the scenarios that every RPC framework must pass.
func TestGRPC(t *testing.T) {
	rpcmatrix.Run(t, rpcmatrix.Framework{
		Name: "gRPC: grpc-go 1.85",
		Start: func(t *testing.T, s *rpcmatrix.Setup) rpcmatrix.Client {
			return client(dial(t, serve(t, visits(s), interceptors(s)...)))
		},
		Error: func(code rpcmatrix.Code, message string) error { return status.Error(codes.Code(code), message) },
	})
}

// interceptors returns the layers of a setup.
func interceptors(s *rpcmatrix.Setup) []grpc.ServerOption {
	var unary []grpc.UnaryServerInterceptor
	var stream []grpc.StreamServerInterceptor
	add := func(m grpcsessions.Manager, rules ...grpcsessions.Rule) {
		unary, stream = append(unary, grpcsessions.Unary(m, rules...)), append(stream, grpcsessions.Stream(m, rules...))
	}
	for _, layer := range s.Layers {
		switch layer {
		case rpcmatrix.Sessions:
			add(s.Manager)
		case rpcmatrix.Second:
			add(s.Second)
		case rpcmatrix.Login:
			add(s.Auth)
		case rpcmatrix.Guard:
			add(s.Auth, grpcsessions.RequireLogin(s.Auth, rpcmatrix.SignIn), grpcsessions.RequirePredicate(s.Auth, s.Allowed, rpcmatrix.SignIn))
		case rpcmatrix.Recover:
			unary = append(unary, func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
				defer recovered(&err)
				return handler(ctx, req)
			})
			stream = append(stream, func(server any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
				defer recovered(&err)
				return handler(server, ss)
			})
		case rpcmatrix.Timeout:
			unary = append(unary, func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
				ctx, cancel := context.WithTimeout(ctx, s.Timeout)
				defer cancel()
				return handler(ctx, req)
			})
		}
	}
	return []grpc.ServerOption{grpc.ChainUnaryInterceptor(unary...), grpc.ChainStreamInterceptor(stream...)}
}

// recovered turns a panic into an error.
func recovered(err *error) {
	if recover() != nil {
		*err = status.Error(codes.Internal, "panic")
	}
}

// visits returns the service of a setup.
func visits(s *rpcmatrix.Setup) *grpc.ServiceDesc {
	do := unaryHandler(func(ctx context.Context, message *text) (*text, error) {
		answer, err := s.Do(ctx, message.Value)
		if err != nil {
			return nil, err
		}
		return wrapperspb.String(answer), nil
	})
	name := func(procedure string) string { return procedure[strings.LastIndex(procedure, "/")+1:] }
	return &grpc.ServiceDesc{
		ServiceName: "test.Visits",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{
			{MethodName: name(rpcmatrix.Do), Handler: do(rpcmatrix.Do)},
			{MethodName: name(rpcmatrix.SignIn), Handler: do(rpcmatrix.SignIn)},
		},
		Streams: []grpc.StreamDesc{
			{StreamName: name(rpcmatrix.Watch), ServerStreams: true, Handler: func(_ any, ss grpc.ServerStream) error {
				stream := &grpc.GenericServerStream[text, text]{ServerStream: ss}
				message, err := receive(stream)()
				if err != nil {
					return err
				}
				return s.Watch(ss.Context(), message, send(stream))
			}},
			{StreamName: name(rpcmatrix.Collect), ClientStreams: true, Handler: func(_ any, ss grpc.ServerStream) error {
				stream := &grpc.GenericServerStream[text, text]{ServerStream: ss}
				answer, err := s.Collect(ss.Context(), receive(stream))
				if err != nil {
					return err
				}
				return stream.SendAndClose(wrapperspb.String(answer))
			}},
			{StreamName: name(rpcmatrix.Chat), ServerStreams: true, ClientStreams: true, Handler: func(_ any, ss grpc.ServerStream) error {
				stream := &grpc.GenericServerStream[text, text]{ServerStream: ss}
				return s.Chat(ss.Context(), receive(stream), send(stream))
			}},
		},
	}
}

// unaryHandler does what generated code does.
func unaryHandler(f func(context.Context, *text) (*text, error)) func(method string) grpc.MethodHandler {
	return func(method string) grpc.MethodHandler {
		return func(server any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
			message := new(text)
			if err := decode(message); err != nil {
				return nil, err
			}
			handler := func(ctx context.Context, req any) (any, error) { return f(ctx, req.(*text)) }
			if interceptor == nil {
				return handler(ctx, message)
			}
			return interceptor(ctx, message, &grpc.UnaryServerInfo{Server: server, FullMethod: method}, handler)
		}
	}
}

func receive(stream interface{ Recv() (*text, error) }) func() (string, error) {
	return func() (string, error) {
		message, err := stream.Recv()
		return message.GetValue(), err
	}
}

func send(stream interface{ Send(*text) error }) func(string) error {
	return func(answer string) error { return stream.Send(wrapperspb.String(answer)) }
}

// serve serves a service on a loopback address until the test ends.
func serve(t *testing.T, service *grpc.ServiceDesc, options ...grpc.ServerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(options...)
	server.RegisterService(service, struct{}{})
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// dial returns a connection to a server until the test ends.
func dial(t *testing.T, addr string, options ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///"+addr, append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return conn
}

// client returns a client of the app.
func client(conn *grpc.ClientConn) rpcmatrix.Client {
	return rpcmatrix.Client{
		Call: func(ctx context.Context, procedure string, header http.Header, message string) (string, http.Header, error) {
			answer := new(text)
			var fields, trailer metadata.MD
			err := conn.Invoke(outgoing(ctx, header), procedure, wrapperspb.String(message), answer, grpc.Header(&fields), grpc.Trailer(&trailer))
			return answer.Value, incoming(fields, trailer), err
		},
		Stream: func(ctx context.Context, procedure string, header http.Header) (rpcmatrix.Stream, error) {
			desc := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true} // the three kinds of streams differ in their use only
			stream, err := conn.NewStream(outgoing(ctx, header), desc, procedure)
			return clientStream{stream}, err
		},
		Code: func(err error) rpcmatrix.Code { return rpcmatrix.Code(status.Code(err)) },
	}
}

func outgoing(ctx context.Context, header http.Header) context.Context {
	fields := make(metadata.MD)
	for name, values := range header {
		fields[strings.ToLower(name)] = values
	}
	return metadata.NewOutgoingContext(ctx, fields)
}

func incoming(all ...metadata.MD) http.Header {
	header := make(http.Header)
	for name, values := range metadata.Join(all...) {
		header[http.CanonicalHeaderKey(name)] = values
	}
	return header
}

type clientStream struct{ grpc.ClientStream }

func (s clientStream) Send(message string) error { return s.SendMsg(wrapperspb.String(message)) }

func (s clientStream) Receive() (string, error) {
	message := new(text)
	if err := s.RecvMsg(message); err != nil {
		return "", err
	}
	return message.Value, nil
}

func (s clientStream) Header() http.Header {
	fields, _ := s.ClientStream.Header()
	return incoming(fields, s.Trailer())
}
