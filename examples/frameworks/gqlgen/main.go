// Gqlgen is a GraphQL API with sessions: a mutation logs in, a query says who
// the visitor is, and a subscription follows the session over a WebSocket.
//
//	go run ./examples/frameworks/gqlgen [-addr host:port]
//
// A resolver gets the request's context, in which sessions.Load and auth.User
// find the session; resolvers that run in parallel share it. gqlgen answers 200
// even if a resolver fails, so what a resolver has changed is saved: let it change
// the session last, when nothing can fail any more.
package main

//go:generate go tool gqlgen generate

import (
	"context"
	"net/http"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/transport"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/examples/frameworks/gqlgen/graph"
	"github.com/gosessions/sessions/examples/frameworks/internal/demo"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

func main() {
	demo.Serve(func() (http.Handler, error) {
		a, err := newApp()
		if err != nil {
			return nil, err
		}
		return a.handler(a), nil
	})
}

func newApp() (*app, error) {
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
	return &app{auth: auth}, err
}

// panicked is the context key of a func() that begins the response with status
// 500.
type panicked struct{}

func (a *app) handler(resolvers graph.ResolverRoot) http.Handler {
	server := handler.New(graph.NewExecutableSchema(graph.Config{Resolvers: resolvers}))
	server.AddTransport(transport.Websocket{}) // checks the Origin header
	server.AddTransport(transport.POST{})      // auth.Handler refuses those of other sites
	server.SetRecoverFunc(func(ctx context.Context, v any) error {
		if begin, ok := ctx.Value(panicked{}).(func()); ok { // not over a WebSocket
			begin()
		}
		return graphql.DefaultRecover(ctx, v)
	})
	mux := http.NewServeMux()
	mux.Handle("GET /graphql", server)
	mux.HandleFunc("POST /graphql", func(w http.ResponseWriter, r *http.Request) {
		// With status 500 nothing is saved. With 200, which is gqlgen's choice,
		// what was changed before a panic would be.
		begin := sync.OnceFunc(func() { w.WriteHeader(http.StatusInternalServerError) })
		server.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), panicked{}, begin)))
	})
	return a.auth.Handler(mux)
}
