// Package frameworks lists small programs to copy, each with a test. Each serves
// HTTP at -addr, 127.0.0.1:8080 if there is none.
//
//	go run ./examples/frameworks/chi        chi: counts visits, and lets members into a group of routes
//	go run ./examples/frameworks/gorilla    gorilla/mux: a typed struct, also on the page for unknown paths
//	go run ./examples/frameworks/huma       huma: a typed JSON API that logs in, whose errors are all problem details
//	go run ./examples/frameworks/gqlgen     gqlgen: resolvers that log in and out, and a subscription
//	go run ./examples/frameworks/templ      templ and htmx: parts of a page, and a message that is shown once
//	go run ./examples/frameworks/proxy      httputil.ReverseProxy in front of the middleware and behind it
//	go run ./examples/frameworks/websocket  coder/websocket and gorilla/websocket: each message is saved
//	go run ./examples/frameworks/events     server-sent events that a one-time ticket opens
//
// Programs with a login know the users ann and bob, whose password is "secret".
// For net/http alone see examples/hello and examples/typed-counter.
package frameworks
