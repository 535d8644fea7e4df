// Huma is a typed JSON API with sessions: operations log in, say who the visitor
// is, and count.
//
//	go run ./examples/frameworks/huma [-addr host:port]
//
// An operation gets the request's context, in which sessions.Load and auth.User
// find the session. It must return errors with a status: huma answers any other
// error with 500 and shows its text to the client.
package main

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/examples/frameworks/internal/demo"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

const Counter = sessions.Key[int]("counter")

func main() {
	demo.Serve(func() (http.Handler, error) { return site(new(memstore.Store)) })
}

// Input and Output have a JSON body.
type Input[T any] struct{ Body T }
type Output[T any] struct{ Body T }

// Visits is the answer to a visit.
type Visits struct {
	Count int `json:"count" doc:"visits in this session"`
}

func site(st store.Store) (http.Handler, error) {
	manager, err := sessions.New(st, sessions.Options{
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
	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("Visits", "1.0.0"))

	huma.Post(api, "/visits", func(ctx context.Context, _ *struct{}) (*Output[Visits], error) {
		s, err := sessions.Load(ctx)
		if err != nil {
			return nil, failure(err)
		}
		n, err := Counter.Update(s, func(n int) int { return n + 1 })
		if err != nil {
			return nil, failure(err)
		}
		return &Output[Visits]{Visits{n}}, nil
	})
	huma.Post(api, "/login", func(ctx context.Context, in *Input[demo.Credentials]) (*Output[demo.Account], error) {
		a, err := auth.Authenticate(ctx, in.Body)
		if err == nil {
			err = auth.Login(ctx, a, login.Details{}) // the response carries the cookie
		}
		if err != nil {
			return nil, failure(err)
		}
		return &Output[demo.Account]{a}, nil
	})
	huma.Post(api, "/logout", func(ctx context.Context, _ *struct{}) (*struct{}, error) {
		if err := auth.Logout(ctx); err != nil {
			return nil, failure(err)
		}
		return nil, nil
	})

	members := huma.NewGroup(api, "/members")
	members.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) {
		if _, err := auth.RequireUser(ctx.Context()); err != nil {
			status := login.StatusCode(err)
			_ = huma.WriteErr(api, ctx, status, http.StatusText(status))
			return
		}
		next(ctx)
	})
	huma.Get(members, "/me", func(ctx context.Context, _ *struct{}) (*Output[demo.Account], error) {
		a, _, err := auth.User(ctx) // the answer is known already
		if err != nil {
			return nil, failure(err)
		}
		return &Output[demo.Account]{a}, nil
	})
	return problems(auth.Handler(mux)), nil
}

// failure gives an error of sessions or login its status, and hides its text.
func failure(err error) error {
	status := login.StatusCode(err)
	return huma.NewError(status, http.StatusText(status))
}

// problems makes the error pages of sessions and login problem details, as those
// of huma are: if the session cannot be saved after the operation, for instance.
func problems(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(sessions.WithErrorWriter(r.Context(), problem)))
	})
}

// problem writes problem details (RFC 9457). The cause is for logs only.
func problem(w http.ResponseWriter, _ *http.Request, status int, message string, _ error) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(huma.NewError(status, message)) // the client may have gone
}
