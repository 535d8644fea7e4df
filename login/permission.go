package login

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
)

// Permissions knows what users of the type U may do, in values of the type P.
// It is made by [NewPermissions] and is safe for concurrent use.
type Permissions[U User, P comparable] struct {
	a Authorizer[U, P]
	m interface {
		require(next http.Handler, check func(*http.Request, U) error) http.Handler
		locked(context.Context, func(v *visit[U], u U) error) error
		failure(op string, err error) error
		event(context.Context, Event)
		apart(context.Context) context.Context
	}
}

// NewPermissions returns the permissions that an authorizer, often the backend
// itself, gives to a manager's users. Go infers the types.
func NewPermissions[U User, C any, P comparable](m *Manager[U, C], a Authorizer[U, P]) (*Permissions[U, P], error) {
	if v := reflect.ValueOf(a); m == nil || !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, errors.New("login: the manager or the authorizer is nil")
	}
	return &Permissions[U, P]{a: a, m: m}, nil
}

// HasPermission reports whether the visitor has a permission, directly or
// through a group. A visitor who is not signed in has none. Errors are those of
// [Manager.User]; an error does not mean no.
func (p *Permissions[U, P]) HasPermission(ctx context.Context, perm P) (bool, error) {
	granted, err := p.granted(ctx)
	return granted[perm], err
}

// Granted returns all permissions of the visitor, for a page that shows only
// what they may do. Errors are those of [Manager.User].
func (p *Permissions[U, P]) Granted(ctx context.Context) (map[P]bool, error) {
	granted, err := p.granted(ctx)
	return maps.Clone(granted), err
}

// Require is middleware: it lets users with all of the permissions through.
// Other users are answered by [Manager.Error] with [ErrForbidden], and visitors
// who are not signed in with [ErrAnonymous].
func (p *Permissions[U, P]) Require(perms ...P) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return p.m.require(next, func(r *http.Request, _ U) error {
			granted, err := p.granted(r.Context())
			if err != nil {
				return err
			}
			for _, perm := range perms {
				if !granted[perm] {
					return fmt.Errorf("%w: permission %v is missing", ErrForbidden, perm)
				}
			}
			return nil
		})
	}
}

// granted asks the authorizer once per request and user.
func (p *Permissions[U, P]) granted(ctx context.Context) (granted map[P]bool, err error) {
	err = p.m.locked(ctx, func(v *visit[U], u U) error {
		if g, ok := v.grants[p].(map[P]bool); ok {
			granted = g
			return nil
		}
		if granted, err = p.ask(p.m.apart(ctx), u); err != nil {
			err = p.m.failure("permissions", err)
			p.m.event(ctx, Event{Kind: EventFailed, UserID: u.UserID(), Err: err})
			return err
		}
		if v.grants == nil {
			v.grants = make(map[any]any)
		}
		v.grants[p] = granted
		return nil
	})
	return granted, err
}

func (p *Permissions[U, P]) ask(ctx context.Context, u U) (map[P]bool, error) {
	granted := make(map[P]bool)
	for _, f := range []func(context.Context, U) ([]P, error){p.a.UserPermissions, p.a.GroupPermissions} {
		perms, err := f(ctx, u)
		if err != nil {
			return nil, err
		}
		for _, perm := range perms {
			granted[perm] = true
		}
	}
	return granted, nil
}

// locked calls f for the user who is signed in, if there is one.
func (m *Manager[U, C]) locked(ctx context.Context, f func(v *visit[U], u U) error) error {
	v := m.visit(ctx)
	if v == nil {
		return errOutside
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	u, ok, err := m.current(m.apart(ctx), v)
	if err != nil || !ok {
		return err
	}
	return f(v, u)
}
