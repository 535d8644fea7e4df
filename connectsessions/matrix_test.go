package connectsessions_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/gosessions/sessions/connectsessions"
	"github.com/gosessions/sessions/internal/testing/rpcmatrix"
)

type text = wrapperspb.StringValue

// TestConnect plays the scenarios that every RPC framework must pass, over each
// protocol.
func TestConnect(t *testing.T) {
	for _, protocol := range []struct {
		name   string
		option connect.ClientOption
	}{
		{"Connect: connect-go 1.21", connect.WithClientOptions()},
		{"gRPC: connect-go 1.21", connect.WithGRPC()},
		{"gRPC-Web: connect-go 1.21", connect.WithGRPCWeb()},
	} {
		t.Run(protocol.name, func(t *testing.T) {
			rpcmatrix.Run(t, rpcmatrix.Framework{
				Name: protocol.name,
				Start: func(t *testing.T, s *rpcmatrix.Setup) rpcmatrix.Client {
					transport, url := serve(t, app(s))
					return client(transport, url, protocol.option)
				},
				Error: func(code rpcmatrix.Code, message string) error {
					return connect.NewError(connect.Code(code), errors.New(message))
				},
			})
		})
	}
}

// app serves the procedures of a setup.
func app(s *rpcmatrix.Setup) http.Handler {
	var options []connect.HandlerOption
	for _, layer := range s.Layers {
		switch layer {
		case rpcmatrix.Sessions:
			options = append(options, connect.WithInterceptors(connectsessions.New(s.Manager)))
		case rpcmatrix.Second:
			options = append(options, connect.WithInterceptors(connectsessions.New(s.Second)))
		case rpcmatrix.Login:
			options = append(options, connect.WithInterceptors(connectsessions.New(s.Auth)))
		case rpcmatrix.Guard:
			options = append(options, connect.WithInterceptors(connectsessions.New(s.Auth,
				connectsessions.RequireLogin(s.Auth, rpcmatrix.SignIn),
				connectsessions.RequirePredicate(s.Auth, s.Allowed, rpcmatrix.SignIn),
			)))
		case rpcmatrix.Recover:
			options = append(options, connect.WithRecover(func(context.Context, connect.Spec, http.Header, any) error {
				return connect.NewError(connect.CodeInternal, errors.New("panic"))
			}))
		case rpcmatrix.Timeout:
			options = append(options, connect.WithInterceptors(connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
				return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
					ctx, cancel := context.WithTimeout(ctx, s.Timeout)
					defer cancel()
					return next(ctx, req)
				}
			})))
		}
	}
	mux := http.NewServeMux()
	for _, procedure := range []string{rpcmatrix.Do, rpcmatrix.SignIn} {
		mux.Handle(procedure, connect.NewUnaryHandler(procedure, func(ctx context.Context, req *connect.Request[text]) (*connect.Response[text], error) {
			answer, err := s.Do(ctx, req.Msg.Value)
			if err != nil {
				return nil, err
			}
			return connect.NewResponse(wrapperspb.String(answer)), nil
		}, options...))
	}
	mux.Handle(rpcmatrix.Watch, connect.NewServerStreamHandler(rpcmatrix.Watch, func(ctx context.Context, req *connect.Request[text], stream *connect.ServerStream[text]) error {
		return s.Watch(ctx, req.Msg.Value, func(answer string) error { return stream.Send(wrapperspb.String(answer)) })
	}, options...))
	mux.Handle(rpcmatrix.Collect, connect.NewClientStreamHandler(rpcmatrix.Collect, func(ctx context.Context, stream *connect.ClientStream[text]) (*connect.Response[text], error) {
		answer, err := s.Collect(ctx, func() (string, error) {
			if !stream.Receive() {
				return "", errors.Join(stream.Err(), io.EOF)
			}
			return stream.Msg().Value, nil
		})
		if err != nil {
			return nil, err
		}
		return connect.NewResponse(wrapperspb.String(answer)), nil
	}, options...))
	mux.Handle(rpcmatrix.Chat, connect.NewBidiStreamHandler(rpcmatrix.Chat, func(ctx context.Context, stream *connect.BidiStream[text, text]) error {
		return s.Chat(ctx, func() (string, error) {
			message, err := stream.Receive()
			return message.GetValue(), err
		}, func(answer string) error { return stream.Send(wrapperspb.String(answer)) })
	}, options...))
	return mux
}

// serve serves HTTP/2 on a loopback address until the test ends.
func serve(t *testing.T, h http.Handler) (http.RoundTripper, string) {
	t.Helper()
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	server := httptest.NewUnstartedServer(h)
	server.Config.Protocols = protocols
	server.Config.ErrorLog = log.New(t.Output(), "", 0)
	server.Start()
	transport := &http.Transport{Protocols: protocols}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.CloseClientConnections()
		server.Close()
	})
	return transport, server.URL
}

// client returns a client of the app.
func client(transport http.RoundTripper, url string, options ...connect.ClientOption) rpcmatrix.Client {
	dial := func(procedure string) *connect.Client[text, text] {
		return connect.NewClient[text, text](&http.Client{Transport: transport}, url+procedure, options...)
	}
	return rpcmatrix.Client{
		Call: func(ctx context.Context, procedure string, header http.Header, message string) (string, http.Header, error) {
			req := connect.NewRequest(wrapperspb.String(message))
			add(req.Header(), header)
			resp, err := dial(procedure).CallUnary(ctx, req)
			if err != nil {
				var failed *connect.Error
				if errors.As(err, &failed) {
					return "", failed.Meta(), err
				}
				return "", nil, err
			}
			return resp.Msg.Value, resp.Header(), nil
		},
		Stream: func(ctx context.Context, procedure string, header http.Header) (rpcmatrix.Stream, error) {
			stream := dial(procedure).CallBidiStream(ctx) // the three kinds of streams differ in their use only
			add(stream.RequestHeader(), header)
			return clientStream{stream}, nil
		},
		Code: func(err error) rpcmatrix.Code { return rpcmatrix.Code(connect.CodeOf(err)) },
	}
}

func add(to, from http.Header) {
	for name, values := range from {
		to[name] = append(to[name], values...)
	}
}

type clientStream struct {
	*connect.BidiStreamForClient[text, text]
}

func (s clientStream) Send(message string) error {
	return s.BidiStreamForClient.Send(wrapperspb.String(message))
}

func (s clientStream) CloseSend() error { return s.CloseRequest() }

func (s clientStream) Receive() (string, error) {
	message, err := s.BidiStreamForClient.Receive()
	return message.GetValue(), err
}

func (s clientStream) Header() http.Header { return s.ResponseHeader() }
