package surrealstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/surrealdb/surrealdb.go/pkg/connection"
	"github.com/surrealdb/surrealdb.go/pkg/connection/rpc"
)

var errLive = errors.New("surrealstore: a Connection has no live queries: use another connection for them")

// session is what the server is told again on a new link.
type session struct {
	auth                []connection.RPCRequest // one, or none
	namespace, database string
	variables           map[string]any
}

// restore makes a link's session what it was.
func (c *Connection) restore(ctx context.Context, l *link) error {
	c.mu.Lock()
	requests := append([]connection.RPCRequest(nil), c.session.auth...)
	if c.session.namespace != "" || c.session.database != "" {
		requests = append(requests, request("use", c.session.namespace, c.session.database))
	}
	for name, value := range c.session.variables {
		requests = append(requests, request("let", name, value))
	}
	c.mu.Unlock()
	for _, r := range requests {
		res, err := l.call(ctx, r)
		if err == nil && res.Error != nil {
			err = res.Error
		}
		if err != nil {
			return fmt.Errorf("%s on a new connection: %w", r.Method, err)
		}
	}
	return nil
}

func request(method string, params ...any) connection.RPCRequest {
	return connection.RPCRequest{Method: method, Params: params}
}

// remember changes what the server is told again.
func (c *Connection) remember(change func(*session)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.session)
}

func (c *Connection) rememberAuth(method string, param any) {
	c.remember(func(s *session) { s.auth = []connection.RPCRequest{request(method, param)} })
}

// SignIn signs in, now and on every new connection.
func (c *Connection) SignIn(ctx context.Context, auth any) (string, error) {
	token, err := rpc.SignIn(c, ctx, auth)
	if err == nil {
		c.rememberAuth("signin", auth)
	}
	return token, err
}

// SignInWithRefresh signs in; new connections are given the token.
func (c *Connection) SignInWithRefresh(ctx context.Context, auth any) (*connection.Tokens, error) {
	tokens, err := rpc.SignInWithRefresh(c, ctx, auth)
	if err == nil {
		c.rememberAuth("authenticate", tokens.Access)
	}
	return tokens, err
}

// SignUp makes a user; new connections are given the token.
func (c *Connection) SignUp(ctx context.Context, auth any) (string, error) {
	token, err := rpc.SignUp(c, ctx, auth)
	if err == nil {
		c.rememberAuth("authenticate", token)
	}
	return token, err
}

// SignUpWithRefresh makes a user; new connections are given the token.
func (c *Connection) SignUpWithRefresh(ctx context.Context, auth any) (*connection.Tokens, error) {
	tokens, err := rpc.SignUpWithRefresh(c, ctx, auth)
	if err == nil {
		c.rememberAuth("authenticate", tokens.Access)
	}
	return tokens, err
}

// Authenticate presents a token, now and on every new connection.
func (c *Connection) Authenticate(ctx context.Context, token string) error {
	err := rpc.Authenticate(c, ctx, token)
	if err == nil {
		c.rememberAuth("authenticate", token)
	}
	return err
}

// Invalidate ends what SignIn and its like have begun.
func (c *Connection) Invalidate(ctx context.Context) error {
	c.remember(func(s *session) { s.auth = nil })
	return rpc.Invalidate(c, ctx)
}

// Use chooses namespace and database, now and on every new connection.
func (c *Connection) Use(ctx context.Context, namespace, database string) error {
	err := connection.Send[any](c, ctx, nil, "use", namespace, database)
	if err == nil {
		c.remember(func(s *session) { s.namespace, s.database = namespace, database })
	}
	return err
}

// Let sets a variable, now and on every new connection.
func (c *Connection) Let(ctx context.Context, name string, value any) error {
	err := connection.Send[any](c, ctx, nil, "let", name, value)
	if err == nil {
		c.remember(func(s *session) {
			if s.variables == nil {
				s.variables = make(map[string]any)
			}
			s.variables[name] = value
		})
	}
	return err
}

// Unset removes a variable.
func (c *Connection) Unset(ctx context.Context, name string) error {
	c.remember(func(s *session) { delete(s.variables, name) })
	return connection.Send[any](c, ctx, nil, "unset", name)
}

// LiveNotifications is not supported.
func (c *Connection) LiveNotifications(string) (chan connection.Notification, error) {
	return nil, errLive
}

// CloseLiveNotifications is not supported.
func (c *Connection) CloseLiveNotifications(string) error { return errLive }
