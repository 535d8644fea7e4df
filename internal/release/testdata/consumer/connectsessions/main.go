// Command consumer counts two visits by calls of Connect.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http/cookiejar"
	"net/http/httptest"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/connectsessions"
	"github.com/gosessions/sessions/store/memstore"
)

const counter = sessions.Key[int64]("counter")

func main() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewTLSServer(connect.NewUnaryHandlerSimple("/visits/Count",
		func(ctx context.Context, _ *emptypb.Empty) (*wrapperspb.Int64Value, error) {
			s, err := sessions.Load(ctx)
			if err != nil {
				return nil, err
			}
			n, err := counter.Update(s, func(n int64) int64 { return n + 1 })
			return wrapperspb.Int64(n), err
		}, connect.WithInterceptors(connectsessions.New(manager))))
	defer server.Close()
	client := server.Client()
	client.Jar, _ = cookiejar.New(nil)
	count := connect.NewClient[emptypb.Empty, wrapperspb.Int64Value](client, server.URL+"/visits/Count")
	for want := int64(1); want <= 2; want++ {
		n, err := count.CallUnary(context.Background(), connect.NewRequest(new(emptypb.Empty)))
		if err != nil || n.Msg.Value != want {
			log.Fatalf("visit %d: %v, %v", want, n, err)
		}
	}
	fmt.Println("counted 2 visits")
}
