package login_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/gosessions/sessions/login"
)

func hashed(p string) (string, error)       { return "$" + p, nil }
func compared(p, hash string) (bool, error) { return hash == "$"+p, nil }
func options(parallel int) login.PasswordOptions {
	return login.PasswordOptions{Hash: hashed, Compare: compared, Parallel: parallel}
}

func TestPasswords(t *testing.T) {
	var compares []string
	opts := options(0)
	opts.Compare = func(p, hash string) (bool, error) {
		compares = append(compares, hash)
		if hash == "broken" {
			return false, errors.New("not a hash")
		}
		return compared(p, hash)
	}
	p, err := login.NewPasswords(opts)
	wantErr(t, "NewPasswords", err, nil)
	hash, err := p.Hash(t.Context(), "secret")
	wantErr(t, "Hash", err, nil)
	for _, test := range []struct {
		name, password, hash string
		want                 error
	}{
		{"right", "secret", hash, nil},
		{"wrong", "guess", hash, login.ErrCredentials},
		{"no user", "secret", "", login.ErrCredentials},
		{"no user and no password", "", "", login.ErrCredentials},
	} {
		compares = nil
		wantErr(t, test.name, p.Check(t.Context(), test.password, test.hash), test.want)
		want(t, test.name+": hashes compared", len(compares), 1)
		want(t, test.name+": a hash", strings.HasPrefix(compares[0], "$"), true)
	}
	err = p.Check(t.Context(), "secret", "broken")
	want(t, "broken", err != nil && !errors.Is(err, login.ErrCredentials), true)
}

// TestNobodysPasswordIsNobodys: who finds it out is not let in by it.
func TestNobodysPasswordIsNobodys(t *testing.T) {
	var nobodys string
	opts := options(0)
	opts.Hash = func(p string) (string, error) { nobodys = p; return hashed(p) }
	p, err := login.NewPasswords(opts)
	wantErr(t, "NewPasswords", err, nil)
	wantErr(t, "Check", p.Check(t.Context(), nobodys, ""), login.ErrCredentials)
}

func TestPasswordsWaitForTheirTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int32
		free := make(chan struct{})
		opts := options(2)
		opts.Compare = func(p, hash string) (bool, error) {
			if hash == "$stuck" {
				most.Store(max(most.Load(), running.Add(1)))
				<-free
				running.Add(-1)
			}
			return compared(p, hash)
		}
		p, err := login.NewPasswords(opts)
		wantErr(t, "NewPasswords", err, nil)
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() { wantErr(t, "Check", p.Check(t.Context(), "stuck", "$stuck"), nil) })
		}
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		wantErr(t, "one that was cancelled", p.Check(ctx, "a", "$a"), context.Canceled)
		_, err = p.Hash(ctx, "a")
		wantErr(t, "a hash that was cancelled", err, context.Canceled)
		close(free)
		all.Wait()
		want(t, "at a time", most.Load(), 2)
	})
}

func TestPasswordOptionsThatCannotWork(t *testing.T) {
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		opts login.PasswordOptions
		want string
	}{
		"nothing":    {login.PasswordOptions{}, "login: PasswordOptions need both Hash and Compare"},
		"half":       {login.PasswordOptions{Hash: hashed}, "login: PasswordOptions need both Hash and Compare"},
		"negative":   {options(-1), "login: PasswordOptions: Parallel -1 is negative"},
		"no hash":    {login.PasswordOptions{Hash: func(string) (string, error) { return "", broken }, Compare: compared}, "login: hash: broken"},
		"mismatched": {login.PasswordOptions{Hash: func(p string) (string, error) { return p, nil }, Compare: compared}, "login: Compare does not know"},
		"no compare": {login.PasswordOptions{Hash: hashed, Compare: func(string, string) (bool, error) { return false, broken }}, "broken"},
	} {
		_, err := login.NewPasswords(test.opts)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
}
