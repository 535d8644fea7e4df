package grpcsessions

import (
	"context"
	"slices"

	"github.com/gosessions/sessions/login"
)

// Rule decides whether a call of a method, such as "/acme.v1.Shop/Buy", may
// reach its handler, and returns an error if not: [login.ErrAnonymous],
// [login.ErrForbidden] or a status.Error, for instance. ctx leads to the
// session and the user.
type Rule func(ctx context.Context, method string) error

// RequireLogin is a rule that refuses visitors who are not signed in with
// codes.Unauthenticated. Everyone may call the methods of except, such as the
// one that signs in.
func RequireLogin[U login.User, C any](auth *login.Manager[U, C], except ...string) Rule {
	return RequirePredicate(auth, func(context.Context, string, U) (bool, error) { return true, nil }, except...)
}

// RequirePredicate is a rule that refuses users for whom allowed returns false
// with codes.PermissionDenied, and visitors who are not signed in with
// codes.Unauthenticated. Everyone may call the methods of except. An error
// that allowed returns refuses the call as an error of a handler does.
func RequirePredicate[U login.User, C any](
	auth *login.Manager[U, C], allowed func(ctx context.Context, method string, u U) (bool, error), except ...string,
) Rule {
	return func(ctx context.Context, method string) error {
		if slices.Contains(except, method) {
			return nil
		}
		u, err := auth.RequireUser(ctx)
		if err != nil {
			return err
		}
		ok, err := allowed(ctx, method, u)
		if err == nil && !ok {
			err = login.ErrForbidden
		}
		return err
	}
}
