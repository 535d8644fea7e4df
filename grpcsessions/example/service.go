package main

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// service is what generated code would be.
var service = grpc.ServiceDesc{
	ServiceName: "example.Visits",
	HandlerType: (*any)(nil),
	Methods:     []grpc.MethodDesc{method("Count", visits.count), method("SignIn", visits.signIn), method("SignOut", visits.signOut)},
	Streams: []grpc.StreamDesc{{
		StreamName:    "Watch",
		ServerStreams: true,
		Handler: func(server any, stream grpc.ServerStream) error {
			if err := stream.RecvMsg(new(emptypb.Empty)); err != nil {
				return err
			}
			return server.(visits).watch(stream)
		},
	}},
}

func method(name string, f func(visits, context.Context, string) (int64, error)) grpc.MethodDesc {
	return grpc.MethodDesc{
		MethodName: name,
		Handler: func(server any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
			req := new(wrapperspb.StringValue)
			if err := decode(req); err != nil {
				return nil, err
			}
			info := &grpc.UnaryServerInfo{Server: server, FullMethod: "/example.Visits/" + name}
			return interceptor(ctx, req, info, func(ctx context.Context, _ any) (any, error) {
				n, err := f(server.(visits), ctx, req.Value)
				return wrapperspb.Int64(n), err
			})
		},
	}
}
