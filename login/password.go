package login

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
)

// PasswordOptions say how passwords are hashed, by a library of the
// application's choice.
type PasswordOptions struct {
	// Hash returns a new hash of a password, with salt and parameters in it.
	Hash func(password string) (string, error)
	// Compare reports whether a password is the one of a hash.
	Compare func(password, hash string) (bool, error)
	// Parallel bounds how many hashes are computed at a time: each may take
	// megabytes. Others wait. Zero: as many as there are processors.
	Parallel int
}

// Passwords checks passwords so that it takes as long where there is no such
// user as where the password is wrong. It is safe for concurrent use.
type Passwords struct {
	opts  PasswordOptions
	dummy string // of a password that nobody has
	slots chan struct{}
}

// NewPasswords returns Passwords. It hashes one password for use in place of
// those of unknown users; so Hash must take the parameters that the
// application's hashes were made with.
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
	if ok, err := opts.Compare(nobodys, dummy); err != nil || !ok {
		return nil, fmt.Errorf("login: Compare does not know the password that Hash has hashed (%w)", errors.Join(err, ErrCredentials))
	}
	return &Passwords{opts: opts, dummy: dummy, slots: make(chan struct{}, opts.Parallel)}, nil
}

// Hash returns a new hash of a password. It waits for its turn as long as ctx
// lasts.
func (p *Passwords) Hash(ctx context.Context, password string) (hash string, err error) {
	err = p.turn(ctx, func() error { hash, err = p.opts.Hash(password); return err })
	return hash, err
}

// Check returns nil if the password is the one of a hash, and ErrCredentials if
// it is not. For a user who is unknown, or has no password, call it with the
// hash "": it takes the same time, and returns ErrCredentials. It waits for its
// turn as long as ctx lasts.
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
