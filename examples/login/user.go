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

// user is an account.
type user struct {
	id   string // never changes, unlike the name
	Name string
	hash string // of the password
}

func (u user) UserID() string          { return u.id }
func (u user) SessionAuthHash() []byte { return []byte(u.hash) }

// credentials are what a user signs in with.
type credentials struct{ name, password string }

// permission is something that only some users may do.
type permission string

const manageUsers permission = "manage users"

var (
	errTaken   = errors.New("the name is taken")
	errChanged = errors.New("the password was changed in the meantime")
)

// names have one spelling each, in letters that cannot be confused with others.
var names = regexp.MustCompile(`^[a-z][a-z0-9_-]{1,29}$`)

// spelling returns the one spelling of a name.
func spelling(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// users is the login.Backend and the login.Authorizer of the application.
type users struct {
	db        *sql.DB
	passwords *login.Passwords
	admin     string // id
}

// openUsers opens the users of a database. The administrator must have signed up
// already, because anyone could take a name that is still free.
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
		err = fmt.Errorf("there is no user %q: start without -admin, sign up with that name, and start again", admin)
	}
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	b.admin = u.id
	return b, nil
}

// Authenticate returns the user with a name and password. An unknown name takes
// the same time: its hash is "", and Check then compares with another one.
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

// UserPermissions returns the permissions of a user.
func (b *users) UserPermissions(_ context.Context, u user) ([]permission, error) {
	if b.admin != "" && u.id == b.admin {
		return []permission{manageUsers}, nil
	}
	return nil, nil
}

// GroupPermissions returns no permissions, because there are no groups.
func (b *users) GroupPermissions(context.Context, user) ([]permission, error) { return nil, nil }

// signUp adds a user. It returns errTaken if the name is taken.
func (b *users) signUp(ctx context.Context, c credentials) (user, error) {
	hash, err := b.passwords.Hash(ctx, normal(c.password))
	if err != nil {
		return user{}, err
	}
	return b.add(ctx, spelling(c.name), hash)
}

// faults returns what the user has to change to sign up, for the page.
func (c credentials) faults() string {
	var faults []string
	if !names.MatchString(spelling(c.name)) {
		faults = append(faults, "Use 2 to 30 letters (a to z), digits, - and _ for the name, and begin with a letter.")
	}
	if fault := weaknesses(c); fault != "" {
		faults = append(faults, fault)
	}
	return strings.Join(faults, " ")
}
