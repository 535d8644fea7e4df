package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/examples/frameworks/gqlgen/graph"
	"github.com/gosessions/sessions/examples/frameworks/internal/demo"
	"github.com/gosessions/sessions/login"
)

const Counter = sessions.Key[int]("counter")

type app struct {
	auth    *login.Manager[demo.Account, demo.Credentials]
	changes demo.Feed[struct{}] // by the ID of the session
}

func (a *app) Query() graph.QueryResolver               { return query{a} }
func (a *app) Mutation() graph.MutationResolver         { return mutation{a} }
func (a *app) Subscription() graph.SubscriptionResolver { return subscription{a} }

type query struct{ *app }

func (q query) Me(ctx context.Context) (*demo.Account, error) {
	a, ok, err := q.auth.User(ctx)
	if err != nil || !ok {
		return nil, failure(err) // nobody is no error
	}
	return &a, nil
}

func (q query) Visits(ctx context.Context) (int, error) {
	s, err := sessions.Load(ctx)
	if err != nil {
		return 0, failure(err)
	}
	n, err := Counter.Get(s)
	return n, failure(err)
}

type mutation struct{ *app }

func (m mutation) Visit(ctx context.Context) (*int, error) {
	s, err := sessions.Load(ctx)
	if err != nil {
		return nil, failure(err)
	}
	if _, err := Counter.Update(s, func(n int) int { return n + 1 }); err != nil {
		return nil, failure(err)
	}
	if err := s.Save(ctx); err != nil { // now, so that subscriptions read it
		return nil, failure(err)
	}
	m.changes.Publish(s.ID(), struct{}{})
	n, err := Counter.Get(s) // with what other requests have counted
	return &n, failure(err)
}

func (m mutation) Login(ctx context.Context, name, password string) (*demo.Account, error) {
	a, err := m.auth.Authenticate(ctx, demo.Credentials{Name: name, Password: password})
	if err != nil {
		return nil, failure(err)
	}
	if a.Name == "bob" {
		return nil, errors.New("this account is suspended")
	}
	// Login is the last step: when it returns nil, the visitor is signed in,
	// whatever the resolver returns.
	if err := m.auth.Login(ctx, a, login.Details{}); err != nil {
		return nil, failure(err)
	}
	return &a, nil
}

func (m mutation) Logout(ctx context.Context) (*bool, error) {
	s, err := sessions.Load(ctx)
	if err != nil {
		return nil, failure(err)
	}
	id, done := s.ID(), true
	if err := m.auth.Logout(ctx); err != nil {
		return nil, failure(err)
	}
	m.changes.Publish(id, struct{}{})
	return &done, nil
}

type subscription struct{ *app }

// Visits sends the number of visits whenever it changes, until the user is
// signed out.
func (r subscription) Visits(ctx context.Context) (<-chan int, error) {
	if _, err := r.auth.RequireUser(ctx); err != nil {
		return nil, failure(err)
	}
	s, err := sessions.Load(ctx)
	if err != nil {
		return nil, failure(err)
	}
	changes := r.changes.Subscribe(ctx, s.ID())
	visits := make(chan int)
	go func() {
		defer close(visits)
		for last := -1; ; {
			_, ok, err := r.auth.Fresh(ctx) // reads the session again
			if err != nil || !ok {
				return
			}
			n, err := Counter.Get(s)
			if err != nil {
				return
			}
			if n != last {
				select {
				case visits <- n:
					last = n
				case <-ctx.Done():
					return
				}
			}
			select {
			case <-changes: // of this process
			case <-time.After(5 * time.Second): // of others
			case <-ctx.Done():
				return
			}
		}
	}()
	return visits, nil
}

// failure hides the text of an error of sessions or login, which gqlgen would
// show to the client. It returns nil for nil.
func failure(err error) error {
	if err == nil {
		return nil
	}
	status := login.StatusCode(err)
	return &gqlerror.Error{Message: http.StatusText(status), Extensions: map[string]any{"status": status}}
}
