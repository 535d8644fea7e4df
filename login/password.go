package login

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
)

// PasswordOptions say how passwords are hashed, with a library that the
// application chooses.
type PasswordOptions struct {
	// Hash returns a new hash of a password, including salt and parameters.
	Hash func(password string) (string, error)
	// Compare reports whether a hash was made from a password.
	Compare func(password, hash string) (bool, error)
	// Parallel limits how many hashes are computed at the same time, because
	// each may take megabytes; other calls wait. The default is GOMAXPROCS.
	Parallel int
}

// Passwords checks passwords. An unknown user takes as long as a wrong
// password. It is made by [NewPasswords] and is safe for concurrent use.
type Passwords struct {
	opts  PasswordOptions
	dummy string // the hash of a password that nobody has
	slots chan struct{}
}

// NewPasswords returns a Passwords. It hashes one password, which stands in for
// the hashes of unknown users, so Hash must use the same parameters as the
// application's stored hashes.
func NewPasswords(opts PasswordOptions) (*Passwords, error) {
	if opts.Hash == nil || opts.Compare == nil {
		return nil, errors.New("login: PasswordOptions need both Hash and Compare")
	}
	if opts.Parallel < 0 {
		return nil, fmt.Errorf("login: PasswordOptions: Parallel %d is negative", opts.Parallel)
	}
	if opts.Parallel == 0 {
		opts.Parallel = runtime.GOMAXPROCS(0)
	}
	nobodys := rand.Text()
	dummy, err := opts.Hash(nobodys)
	if err != nil {
		return nil, fmt.Errorf("login: hash: %w", err)
	}
	switch ok, err := opts.Compare(nobodys, dummy); {
	case err != nil:
		return nil, fmt.Errorf("login: compare: %w", err)
	case !ok:
		return nil, errors.New("login: Compare does not know the password that Hash has hashed; use the same library for both")
	}
	return &Passwords{opts: opts, dummy: dummy, slots: make(chan struct{}, opts.Parallel)}, nil
}

// Hash returns a new hash of a password. It waits for its turn until ctx ends.
func (p *Passwords) Hash(ctx context.Context, password string) (hash string, err error) {
	err = p.turn(ctx, func() error { hash, err = p.opts.Hash(password); return err })
	return hash, err
}

// Check returns nil if the hash was made from the password, and
// [ErrCredentials] if not. For an unknown user, or one without a password, call
// it with the hash "": it takes the same time and returns ErrCredentials. It
// waits for its turn until ctx ends.
func (p *Passwords) Check(ctx context.Context, password, hash string) error {
	return p.turn(ctx, func() error {
		against := hash
		if hash == "" {
			against = p.dummy
		}
		ok, err := p.opts.Compare(password, against)
		switch {
		case err != nil:
			return fmt.Errorf("login: compare: %w", err)
		case !ok || hash == "":
			return ErrCredentials
		}
		return nil
	})
}

func (p *Passwords) turn(ctx context.Context, f func() error) error {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
		return f()
	case <-ctx.Done():
		return fmt.Errorf("login: waiting to hash: %w", context.Cause(ctx))
	}
}
