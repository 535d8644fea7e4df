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

// remember replaces what is remembered of a kind where it stands: where a user
// is of a database, signing in chooses that, and Use may choose another.
func (c *Connection) remember(kind, method string, params ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := memory{kind, connection.RPCRequest{Method: method, Params: params}}
	if i := slices.IndexFunc(c.session, func(m memory) bool { return m.kind == kind }); i >= 0 {
		c.session[i] = m
	} else {
		c.session = append(c.session, m)
	}
}

func (c *Connection) forget(kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session = slices.DeleteFunc(c.session, func(m memory) bool { return m.kind == kind })
}

// kinds of memory; a variable's is variable and its name.
const (
	login    = "login"
	place    = "place"
	variable = "variable "
)

// SignIn signs in, now and on every new connection.
func (c *Connection) SignIn(ctx context.Context, auth any) (string, error) {
	token, err := rpc.SignIn(c, ctx, auth)
	if err == nil {
		c.remember(login, "signin", auth)
	}
	return token, err
}

// SignInWithRefresh signs in; new connections are given the token.
func (c *Connection) SignInWithRefresh(ctx context.Context, auth any) (*connection.Tokens, error) {
	tokens, err := rpc.SignInWithRefresh(c, ctx, auth)
	if err == nil {
		c.remember(login, "authenticate", tokens.Access)
	}
	return tokens, err
}

// SignUp makes a user; new connections are given the token.
func (c *Connection) SignUp(ctx context.Context, auth any) (string, error) {
	token, err := rpc.SignUp(c, ctx, auth)
	if err == nil {
		c.remember(login, "authenticate", token)
	}
	return token, err
}

// SignUpWithRefresh makes a user; new connections are given the token.
func (c *Connection) SignUpWithRefresh(ctx context.Context, auth any) (*connection.Tokens, error) {
	tokens, err := rpc.SignUpWithRefresh(c, ctx, auth)
	if err == nil {
		c.remember(login, "authenticate", tokens.Access)
	}
	return tokens, err
}

// Authenticate presents a token, now and on every new connection.
func (c *Connection) Authenticate(ctx context.Context, token string) error {
	err := rpc.Authenticate(c, ctx, token)
	if err == nil {
		c.remember(login, "authenticate", token)
	}
	return err
}

// Invalidate ends what SignIn and its like have begun.
func (c *Connection) Invalidate(ctx context.Context) error {
	c.forget(login)
	return rpc.Invalidate(c, ctx)
}

// Use chooses namespace and database, now and on every new connection.
func (c *Connection) Use(ctx context.Context, namespace, database string) error {
	err := connection.Send[any](c, ctx, nil, "use", namespace, database)
	if err == nil {
		c.remember(place, "use", namespace, database)
	}
	return err
}

// Let sets a variable, now and on every new connection.
func (c *Connection) Let(ctx context.Context, name string, value any) error {
	err := connection.Send[any](c, ctx, nil, "let", name, value)
	if err == nil {
		c.remember(variable+name, "let", name, value)
	}
	return err
}

// Unset removes a variable.
func (c *Connection) Unset(ctx context.Context, name string) error {
	c.forget(variable + name)
	return connection.Send[any](c, ctx, nil, "unset", name)
}

// LiveNotifications is not supported.
func (c *Connection) LiveNotifications(string) (chan connection.Notification, error) {
	return nil, errLive
}

// CloseLiveNotifications is not supported.
func (c *Connection) CloseLiveNotifications(string) error { return errLive }
