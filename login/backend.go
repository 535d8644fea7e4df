package login

import "context"

// User is the application's type of a user.
type User interface {
	// UserID returns what identifies the user for ever: it is the subject of
	// their sessions. It is text in UTF-8, and not empty.
	UserID() string
	// SessionAuthHash returns what changes when the user's password or second
	// factor does, such as the hash of the password; when it changes, sessions
	// end. Sessions keep an HMAC of it. Nil will do where nothing changes, unless
	// an account can be deleted, and another be made with the same id.
	SessionAuthHash() []byte
}

// Backend finds users of the type U by credentials of the type C. Where there
// are several ways to sign in, C is an interface, and each way is a type that
// implements it. A Backend must be safe for concurrent use.
type Backend[U User, C any] interface {
	// Authenticate returns the user whom the credentials prove, and
	// ErrCredentials or ErrNoUser, wrapped or not, if they prove nobody.
	Authenticate(ctx context.Context, credentials C) (U, error)
	// User returns the user of an id, and ErrNoUser, wrapped or not, if there
	// is none or who may no longer sign in.
	User(ctx context.Context, id string) (U, error)
}

// Authorizer knows what a user may do, in permissions of the type P. A Backend
// may be one as well. An Authorizer must be safe for concurrent use.
type Authorizer[U any, P comparable] interface {
	// UserPermissions returns what the user may do by themself.
	UserPermissions(ctx context.Context, u U) ([]P, error)
	// GroupPermissions returns what the user may do by the groups they are in.
	GroupPermissions(ctx context.Context, u U) ([]P, error)
}
