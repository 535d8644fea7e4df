package surrealstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/surrealdb/surrealdb.go/pkg/connection"
	"github.com/surrealdb/surrealdb.go/pkg/connection/rpc"
)

var errLive = errors.New("surrealstore: a Connection has no live queries: use another connection for them")

// memory is a request that the server is told again on a new link. There is one
// of a kind.
type memory struct {
	kind    string
	request connection.RPCRequest
}

// restore makes a link's session what it was.
func (c *Connection) restore(ctx context.Context, l *link) error {
	c.mu.Lock()
	session := slices.Clone(c.session)
	c.mu.Unlock()
	for _, m := range session {
		res, err := l.call(ctx, m.request)
		if err == nil && res.Error != nil {
			err = res.Error
		}
		if err != nil {
			return fmt.Errorf("%s on a new connection: %w", m.request.Method, err)
		}
	}
	return nil
}

// remember replaces what is remembered of a kind where it stands, and returns
// it; a request without a method is none.
func (c *Connection) remember(kind string, r connection.RPCRequest) (old connection.RPCRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.session, func(m memory) bool { return m.kind == kind })
	if i < 0 {
		i = len(c.session)
		c.session = append(c.session, memory{kind: kind})
	}
	old, c.session[i].request = c.session[i].request, r
	if r.Method == "" {
		c.session = slices.Delete(c.session, i, i+1)
	}
	return old
}

// try remembers a request while it is sent, so that a new connection for it is
// not refused because of the one before it, and for good if it succeeds.
func (c *Connection) try(kind string, r connection.RPCRequest, send func() error) error {
	old := c.remember(kind, r)
	err := send()
	if err != nil {
		c.remember(kind, old)
	}
	return err
}

func request(method string, params ...any) connection.RPCRequest {
	return connection.RPCRequest{Method: method, Params: params}
}

// kinds of memory; a variable's is variable and its name.
const (
	login    = "login"
	place    = "place"
	variable = "variable "
)

// SignIn signs in, now and on every new connection.
func (c *Connection) SignIn(ctx context.Context, auth any) (token string, err error) {
	err = c.try(login, request("signin", auth), func() error {
		token, err = rpc.SignIn(c, ctx, auth)
		return err
	})
	return token, err
}

// SignInWithRefresh signs in; new connections are given the token.
func (c *Connection) SignInWithRefresh(ctx context.Context, auth any) (*connection.Tokens, error) {
	return c.tokens(func() (*connection.Tokens, error) { return rpc.SignInWithRefresh(c, ctx, auth) })
}

// SignUp makes a user; new connections are given the token.
func (c *Connection) SignUp(ctx context.Context, auth any) (string, error) {
	tokens, err := c.tokens(func() (*connection.Tokens, error) {
		token, err := rpc.SignUp(c, ctx, auth)
		return &connection.Tokens{Access: token}, err
	})
	if err != nil {
		return "", err
	}
	return tokens.Access, nil
}

// SignUpWithRefresh makes a user; new connections are given the token.
func (c *Connection) SignUpWithRefresh(ctx context.Context, auth any) (*connection.Tokens, error) {
	return c.tokens(func() (*connection.Tokens, error) { return rpc.SignUpWithRefresh(c, ctx, auth) })
}

// tokens sends what can not be sent twice, and remembers the token.
func (c *Connection) tokens(send func() (*connection.Tokens, error)) (tokens *connection.Tokens, err error) {
	err = c.try(login, connection.RPCRequest{}, func() error {
		tokens, err = send()
		return err
	})
	if err == nil {
		c.remember(login, request("authenticate", tokens.Access))
	}
	return tokens, err
}

// Authenticate presents a token, now and on every new connection.
func (c *Connection) Authenticate(ctx context.Context, token string) error {
	return c.try(login, request("authenticate", token), func() error { return rpc.Authenticate(c, ctx, token) })
}

// Invalidate ends what SignIn and its like have begun.
func (c *Connection) Invalidate(ctx context.Context) error {
	c.remember(login, connection.RPCRequest{})
	return rpc.Invalidate(c, ctx)
}

// Use chooses namespace and database, now and on every new connection.
func (c *Connection) Use(ctx context.Context, namespace, database string) error {
	return c.try(place, request("use", namespace, database), func() error {
		return connection.Send[any](c, ctx, nil, "use", namespace, database)
	})
}

// Let sets a variable, now and on every new connection.
func (c *Connection) Let(ctx context.Context, name string, value any) error {
	return c.try(variable+name, request("let", name, value), func() error {
		return connection.Send[any](c, ctx, nil, "let", name, value)
	})
}

// Unset removes a variable.
func (c *Connection) Unset(ctx context.Context, name string) error {
	c.remember(variable+name, connection.RPCRequest{})
	return connection.Send[any](c, ctx, nil, "unset", name)
}

// LiveNotifications is not supported.
func (c *Connection) LiveNotifications(string) (chan connection.Notification, error) {
	return nil, errLive
}

// CloseLiveNotifications is not supported.
func (c *Connection) CloseLiveNotifications(string) error { return errLive }
