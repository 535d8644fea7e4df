package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/alexedwards/argon2id"

	"github.com/gosessions/sessions/login"
)

// user is who can sign in.
type user struct {
	id   string // for ever, unlike the name
	Name string
	hash string // of the password
}

func (u user) UserID() string          { return u.id }
func (u user) SessionAuthHash() []byte { return []byte(u.hash) }

// credentials are what somebody signs in with.
type credentials struct{ name, password string }

// permission is something that not everybody may do.
type permission string

const manageUsers permission = "manage users"

var (
	errTaken   = errors.New("the name is taken")
	errChanged = errors.New("the password was changed meanwhile")
)

// names have one spelling each, in letters that look like no others.
var names = regexp.MustCompile(`^[a-z][a-z0-9_-]{1,29}$`)

// spelling returns the one of a name.
func spelling(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// users is the login.Backend and the login.Authorizer of the application.
type users struct {
	db        *sql.DB
	passwords *login.Passwords
	admin     string // id
}

// openUsers opens the users of a database. The administrator has to be there:
// a name that is still free could be taken by anybody.
func openUsers(ctx context.Context, path, admin string, params *argon2id.Params) (_ *users, err error) {
	b := new(users)
	if b.passwords, err = newPasswords(params); err != nil {
		return nil, err
	}
	if b.db, err = openDatabase(ctx, path); err != nil {
		return nil, fmt.Errorf("users: %w", err)
	}
	if admin == "" {
		return b, nil
	}
	u, err := b.named(ctx, spelling(admin))
	if errors.Is(err, login.ErrNoUser) {
		err = fmt.Errorf("nobody is named %q: start without -admin, sign up by that name, and start again", admin)
	}
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	b.admin = u.id
	return b, nil
}

// Authenticate returns the user of a name and password. It takes as long for
// a name that nobody has: there is no hash, and Check compares with another.
func (b *users) Authenticate(ctx context.Context, c credentials) (user, error) {
	u, err := b.named(ctx, spelling(c.name))
	if err != nil && !errors.Is(err, login.ErrNoUser) {
		return user{}, err
	}
	if err := b.passwords.Check(ctx, normal(c.password), u.hash); err != nil {
		return user{}, err
	}
	return u, nil
}

// UserPermissions returns what a user may do by themself.
func (b *users) UserPermissions(_ context.Context, u user) ([]permission, error) {
	if b.admin != "" && u.id == b.admin {
		return []permission{manageUsers}, nil
	}
	return nil, nil
}

// GroupPermissions returns none: there are no groups.
func (b *users) GroupPermissions(context.Context, user) ([]permission, error) { return nil, nil }

// signUp makes a user. It returns errTaken if the name is another's.
func (b *users) signUp(ctx context.Context, c credentials) (user, error) {
	hash, err := b.passwords.Hash(ctx, normal(c.password))
	if err != nil {
		return user{}, err
	}
	return b.add(ctx, spelling(c.name), hash)
}

// faults returns what keeps somebody from signing up, for them to read.
func (c credentials) faults() string {
	var faults []string
	if !names.MatchString(spelling(c.name)) {
		faults = append(faults, "A name has 2 to 30 letters (a to z), digits, - and _, and begins with a letter.")
	}
	faults = append(faults, weaknesses(c)...)
	return strings.Join(faults, " ")
}
