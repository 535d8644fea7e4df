// Command consumer counts two visits by calls of gRPC.
package main

import (
	"context"
	"fmt"
	"log"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/grpcsessions"
	"github.com/gosessions/sessions/store/memstore"
)

const counter = sessions.Key[int64]("counter")

func count(ctx context.Context, _ any) (any, error) {
	s, err := sessions.Load(ctx)
	if err != nil {
		return nil, err
	}
	n, err := counter.Update(s, func(n int64) int64 { return n + 1 })
	return wrapperspb.Int64(n), err
}

func main() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{Transports: []sessions.Transport{sessions.Bearer()}})
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(grpcsessions.Unary(manager)),
		grpc.ChainStreamInterceptor(grpcsessions.Stream(manager)),
	)
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "visits",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Count", Handler: func(_ any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
			if err := decode(new(emptypb.Empty)); err != nil {
				return nil, err
			}
			return interceptor(ctx, nil, &grpc.UnaryServerInfo{FullMethod: "/visits/Count"}, count)
		}}},
	}, nil)
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	client, err := grpc.NewClient("passthrough:///"+listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	for want := int64(1); want <= 2; want++ {
		n, header := new(wrapperspb.Int64Value), metadata.MD{}
		if err := client.Invoke(ctx, "/visits/Count", new(emptypb.Empty), n, grpc.Header(&header)); err != nil || n.Value != want {
			log.Fatalf("visit %d: %v, %v", want, n, err)
		}
		if token := header.Get("x-session-token"); len(token) == 1 {
			ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token[0])
		}
	}
	fmt.Println("counted 2 visits")
}
