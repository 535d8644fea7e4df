package login

import "context"

// User is the application's type of a user.
type User interface {
	// UserID returns the id of the user, which never changes and is never given
	// to another user. It is the subject of the user's sessions. It must be
	// UTF-8 and not empty.
	UserID() string
	// SessionAuthHash returns a value that changes with the user's password or
	// second factor. When it changes, the user's sessions end. Sessions store an
	// HMAC of it.
	//
	// The hash of the password will do, if a password is hashed anew only when
	// it changes. With Passwords.Verify, return a stamp: a random value that is
	// stored beside the hash and replaced when the user changes the password. To
	// sign nobody out by the transition, begin with the present hash as the
	// stamp.
	//
	// The value may be nil if nothing can change, unless an account can be
	// deleted and another one made with the same id.
	SessionAuthHash() []byte
}

// Backend finds users of the type U by credentials of the type C. If there are
// several ways to sign in, C is an interface and each way is a type that
// implements it. A Backend must be safe for concurrent use.
type Backend[U User, C any] interface {
	// Authenticate returns the user whom the credentials prove. If they prove
	// nobody, it returns ErrCredentials or ErrNoUser, wrapped or not.
	Authenticate(ctx context.Context, credentials C) (U, error)
	// User returns the user with an id. If there is none, or the user may no
	// longer sign in, it returns ErrNoUser, wrapped or not.
	User(ctx context.Context, id string) (U, error)
}

// AccountNamer is implemented by credentials that name an account. The event of
// a sign-in that is refused then names it, too.
type AccountNamer interface {
	// AccountName returns the name or the address that the visitor typed.
	AccountName() string
}

// Authorizer knows the permissions of users, in values of the type P. A Backend
// may be one as well. An Authorizer must be safe for concurrent use.
type Authorizer[U any, P comparable] interface {
	// UserPermissions returns the permissions that the user has directly.
	UserPermissions(ctx context.Context, u U) ([]P, error)
	// GroupPermissions returns the permissions that the user has through groups.
	GroupPermissions(ctx context.Context, u U) ([]P, error)
}
