// Gqlgen is a GraphQL API with sessions: a mutation logs in, a query says who
// the visitor is, and a subscription follows the session over a WebSocket.
//
//	go run ./examples/frameworks/gqlgen [-addr host:port]
//
// A resolver gets the request's context, in which sessions.Load and auth.User
// find the session; resolvers that run in parallel share it. gqlgen answers 200
// even if a resolver fails or panics, so what a resolver has changed is saved:
// let it change the session last, when nothing can fail any more.
package main

//go:generate go tool gqlgen generate

import (
	"net/http"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/transport"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/examples/frameworks/gqlgen/graph"
	"github.com/gosessions/sessions/examples/frameworks/internal/demo"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

func main() { demo.Serve(site) }

func site() (http.Handler, error) {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{
		Cookie: sessions.CookieOptions{InsecureHTTP: true}, // this program serves plain HTTP; remove this behind TLS
	})
	if err != nil {
		return nil, err
	}
	auth, err := login.New(manager, demo.Accounts{}, login.Options{
		HashKeys: demo.HashKeys(),
		Keep:     []string{string(Counter)}, // a visitor who logs in goes on counting
	})
	if err != nil {
		return nil, err
	}
	server := handler.New(graph.NewExecutableSchema(graph.Config{Resolvers: &app{auth: auth}}))
	server.AddTransport(transport.Websocket{}) // checks the Origin header
	server.AddTransport(transport.POST{})      // auth.Handler refuses those of other sites
	mux := http.NewServeMux()
	mux.Handle("/graphql", server)
	return auth.Handler(mux), nil
}
