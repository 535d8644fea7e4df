// Example counts visits in sessions that are kept in DynamoDB.
//
// It makes a table, "sessions-example", where AWS's own variables and files say,
// and with those credentials:
//
//	AWS_REGION=eu-central-1 go run ./store/dynamostore/example
//	AWS_ENDPOINT_URL_DYNAMODB=http://localhost:8000 AWS_REGION=local AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x go run ./store/dynamostore/example
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/dynamostore"
)

const counter = sessions.Key[int]("counter")

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on; port 0 picks a free one")
	flag.Parse()
	if err := run(context.Background(), *addr); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, addr string) error {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	st, err := dynamostore.New(dynamodb.NewFromConfig(cfg), dynamostore.Options{Table: "sessions-example"})
	if err != nil {
		return err
	}
	if err := st.Migrate(ctx); err != nil {
		return err
	}
	manager, err := sessions.New(st, sessions.Options{
		Cookie: sessions.CookieOptions{InsecureHTTP: true}, // for plain HTTP on this machine; remove this behind HTTPS
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	return http.Serve(listener, manager.Handler(sessions.HandlerFunc(visit)))
}

func visit(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
	n, err := counter.Update(s, func(n int) int { return n + 1 })
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintln(w, "visit", n)
}
