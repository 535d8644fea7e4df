package login

import (
	"cmp"
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
	// Outdated reports whether a hash was made with other parameters than Hash
	// uses, such as fewer iterations. Passwords.Verify then returns a new one.
	// If nil, no hash is outdated. A wrong password takes as long as such a hash
	// does, so until hashes are replaced it can show which users have old ones.
	Outdated func(hash string) bool
	// Parallel limits how many hashes are computed at the same time, because
	// each may take megabytes; other calls wait. The default is GOMAXPROCS.
	Parallel int
	// Waiting limits how many calls wait; further ones return ErrBusy at once.
	// The default is 32 for each of Parallel, so that a call waits for 32 hashes
	// at most: 1.6 seconds if a hash takes 50 milliseconds.
	Waiting int
}

// Passwords checks passwords. An unknown user takes as long as a wrong
// password. It is made by [NewPasswords] and is safe for concurrent use.
type Passwords struct {
	opts  PasswordOptions
	dummy string // the hash of a password that nobody has
	queue chan struct{}
	slots chan struct{}
}

// NewPasswords returns a Passwords. It hashes one password, which stands in for
// the hashes of unknown users, so Hash must use the same parameters as the
// application's stored hashes.
func NewPasswords(opts PasswordOptions) (*Passwords, error) {
	if opts.Hash == nil || opts.Compare == nil {
		return nil, errors.New("login: PasswordOptions need both Hash and Compare")
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"Parallel", opts.Parallel}, {"Waiting", opts.Waiting}} {
		if n.value < 0 {
			return nil, fmt.Errorf("login: PasswordOptions: %s %d is negative", n.name, n.value)
		}
	}
	opts.Parallel = cmp.Or(opts.Parallel, runtime.GOMAXPROCS(0))
	opts.Waiting = cmp.Or(opts.Waiting, 32*opts.Parallel)
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
	case opts.Outdated != nil && opts.Outdated(dummy):
		return nil, errors.New("login: Outdated calls a hash outdated that Hash has just made; compare with the parameters of Hash")
	}
	return &Passwords{
		opts: opts, dummy: dummy,
		queue: make(chan struct{}, opts.Parallel+opts.Waiting), slots: make(chan struct{}, opts.Parallel),
	}, nil
}

// Hash returns a new hash of a password. It waits for its turn until ctx ends,
// and returns [ErrBusy] if too many calls wait.
func (p *Passwords) Hash(ctx context.Context, password string) (hash string, err error) {
	err = p.turn(ctx, func() error { hash, err = p.hash(password); return err })
	return hash, err
}

// Check returns nil if the hash was made from the password, and
// [ErrCredentials] if not. For an unknown user, or one without a password, call
// it with the hash "": it takes the same time and returns ErrCredentials. It
// waits for its turn until ctx ends, and returns [ErrBusy] if too many calls
// wait.
func (p *Passwords) Check(ctx context.Context, password, hash string) error {
	return p.turn(ctx, func() error { return p.check(password, hash) })
}

// Verify is Check for applications whose hashes may be outdated: if the
// password is right and PasswordOptions.Outdated reports that its hash is,
// Verify also returns a new hash to store. Otherwise rehashed is "".
//
//	rehashed, err := passwords.Verify(ctx, c.Password, u.PasswordHash)
//	if rehashed != "" {
//		err = users.SetPasswordHash(ctx, u, rehashed) // if it is still u.PasswordHash
//	}
//
// The password stays the same, so it must sign nobody out. For that,
// [User.SessionAuthHash] must not return the password hash, but a value that
// stays when the hash is replaced.
func (p *Passwords) Verify(ctx context.Context, password, hash string) (rehashed string, err error) {
	err = p.turn(ctx, func() error {
		err := p.check(password, hash)
		if err == nil && p.opts.Outdated != nil && p.opts.Outdated(hash) {
			rehashed, err = p.hash(password)
		}
		return err
	})
	return rehashed, err
}

func (p *Passwords) hash(password string) (string, error) {
	hash, err := p.opts.Hash(password)
	if err != nil {
		return "", fmt.Errorf("login: hash: %w", err)
	}
	return hash, nil
}

func (p *Passwords) check(password, hash string) error {
	against := cmp.Or(hash, p.dummy)
	ok, err := p.opts.Compare(password, against)
	switch {
	case err != nil:
		return fmt.Errorf("login: compare: %w", err)
	case !ok || hash == "":
		return ErrCredentials
	}
	return nil
}

func (p *Passwords) turn(ctx context.Context, f func() error) error {
	select {
	case p.queue <- struct{}{}:
		defer func() { <-p.queue }()
	default:
		return ErrBusy
	}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
		return f()
	case <-ctx.Done():
		return fmt.Errorf("login: waiting to hash: %w", context.Cause(ctx))
	}
}
