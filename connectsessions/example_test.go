package connectsessions_test

import (
	"context"
	"fmt"
	"net/http/cookiejar"
	"net/http/httptest"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/connectsessions"
	"github.com/gosessions/sessions/store/memstore"
)

func Example() {
	const Counter = sessions.Key[int64]("counter")
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	procedure := "/example.Visits/Count"
	server := httptest.NewTLSServer(connect.NewUnaryHandlerSimple(procedure,
		func(ctx context.Context, _ *emptypb.Empty) (*wrapperspb.Int64Value, error) {
			s, err := sessions.Load(ctx)
			if err != nil {
				return nil, err
			}
			n, err := Counter.Update(s, func(n int64) int64 { return n + 1 })
			return wrapperspb.Int64(n), err
		},
		connect.WithInterceptors(connectsessions.New(manager)),
	))
	defer server.Close()

	client := server.Client()
	client.Jar, _ = cookiejar.New(nil)
	count := connect.NewClient[emptypb.Empty, wrapperspb.Int64Value](client, server.URL+procedure, connect.WithGRPCWeb())
	for range 3 {
		n, err := count.CallUnary(context.Background(), connect.NewRequest(new(emptypb.Empty)))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("visit", n.Msg.Value)
	}
	// Output:
	// visit 1
	// visit 2
	// visit 3
}

func ExampleNew() {
	// admins refuses procedures of one service to everyone but one user.
	admins := func(ctx context.Context, procedure string) error {
		s, err := sessions.Load(ctx)
		if err == nil && procedure == "/example.Admin/Shutdown" && s.Subject() != "ann" {
			err = connect.NewError(connect.CodePermissionDenied, nil)
		}
		return err
	}
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	procedure := "/example.Admin/Shutdown"
	server := httptest.NewTLSServer(connect.NewUnaryHandlerSimple(procedure,
		func(context.Context, *emptypb.Empty) (*emptypb.Empty, error) { return new(emptypb.Empty), nil },
		connect.WithInterceptors(connectsessions.New(manager, admins)),
	))
	defer server.Close()
	shutdown := connect.NewClient[emptypb.Empty, emptypb.Empty](server.Client(), server.URL+procedure)
	_, err = shutdown.CallUnary(context.Background(), connect.NewRequest(new(emptypb.Empty)))
	fmt.Println(err)
	// Output:
	// permission_denied
}
