package grpcsessions_test

import (
	"context"
	"fmt"
	"net"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/grpcsessions"
	"github.com/gosessions/sessions/store/memstore"
)

// keeper keeps the token of a client's session.
type keeper struct {
	mu    sync.Mutex
	token string
}

// Unary is a client's interceptor: it sends the token and keeps a new one.
func (k *keeper) Unary(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	k.mu.Lock()
	if k.token != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+k.token)
	}
	k.mu.Unlock()
	var header, trailer metadata.MD
	err := invoke(ctx, method, req, reply, conn, append(options, grpc.Header(&header), grpc.Trailer(&trailer))...)
	if brought := metadata.Join(header, trailer).Get("x-session-token"); len(brought) > 0 { // also with an error
		k.mu.Lock()
		defer k.mu.Unlock()
		k.token = brought[0]
	}
	return err
}

// counts is what generated code would make of a service.
var counts = grpc.ServiceDesc{
	ServiceName: "example.Visits",
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{
		MethodName: "Count",
		Handler: func(server any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
			req := new(emptypb.Empty)
			if err := decode(req); err != nil {
				return nil, err
			}
			return interceptor(ctx, req, &grpc.UnaryServerInfo{Server: server, FullMethod: "/example.Visits/Count"}, count)
		},
	}},
}

const counter = sessions.Key[int64]("counter")

func count(ctx context.Context, _ any) (any, error) {
	s, err := sessions.Load(ctx)
	if err != nil {
		return nil, err
	}
	n, err := counter.Update(s, func(n int64) int64 { return n + 1 })
	return wrapperspb.Int64(n), err
}

func Example() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{
		Transports: []sessions.Transport{sessions.Bearer()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(grpcsessions.Unary(manager)),
		grpc.ChainStreamInterceptor(grpcsessions.Stream(manager)),
	)
	server.RegisterService(&counts, nil)
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()

	client, err := grpc.NewClient("passthrough:///"+listener.Addr().String(),
		grpc.WithTransportCredentials(insecure.NewCredentials()), // on this machine; use TLS elsewhere
		grpc.WithChainUnaryInterceptor(new(keeper).Unary))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = client.Close() }()
	for range 3 {
		n := new(wrapperspb.Int64Value)
		if err := client.Invoke(context.Background(), "/example.Visits/Count", new(emptypb.Empty), n); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("visit", n.Value)
	}
	// Output:
	// visit 1
	// visit 2
	// visit 3
}
