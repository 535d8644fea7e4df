package login_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
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
		wantErr(t, "one that was canceled", p.Check(ctx, "a", "$a"), context.Canceled)
		_, err = p.Hash(ctx, "a")
		wantErr(t, "a hash that was canceled", err, context.Canceled)
		close(free)
		all.Wait()
		want(t, "at a time", most.Load(), 2)
	})
}

// TestR112_FloodOfPasswordsIsRefused: a visitor who would wait for long is told
// at once to come again, and those who wait are served.
func TestR112_FloodOfPasswordsIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		opts := options(2)
		opts.Waiting = 3
		opts.Compare = func(p, hash string) (bool, error) {
			if p == "slow" {
				<-free
			}
			return compared(p, hash)
		}
		p, err := login.NewPasswords(opts)
		wantErr(t, "NewPasswords", err, nil)
		var served, refused atomic.Int32
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				switch err := p.Check(t.Context(), "slow", "$slow"); {
				case err == nil:
					served.Add(1)
				case errors.Is(err, login.ErrBusy):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		want(t, "refused at once", refused.Load(), 95)
		_, err = p.Hash(t.Context(), "new")
		wantErr(t, "Hash in a flood", err, login.ErrBusy)
		wantErr(t, "Check of an unknown user in a flood", p.Check(t.Context(), "guess", ""), login.ErrBusy)
		close(free)
		all.Wait()
		want(t, "served", served.Load(), 5)
		wantErr(t, "after the flood", p.Check(t.Context(), "slow", "$slow"), nil)
	})
}

// TestR112_FloodIsAnsweredWith503: visitors learn to try again, and operators
// that it is no fault of the backend.
func TestR112_FloodIsAnsweredWith503(t *testing.T) {
	a := newApp(t, login.Options{})
	a.users.down = login.ErrBusy
	resp := a.browser().send(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := a.Authenticate(r.Context(), password{"ann", "ann's"})
		wantErr(t, "Authenticate", err, login.ErrBusy)
		want(t, "it is the backend", errors.Is(err, login.ErrBackend), false)
		a.Error(w, r, err)
	}), get("/"))
	want(t, "reply", text(resp), "503 Service Unavailable")
	want(t, "Retry-After", resp.Header.Get("Retry-After"), "5")
	want(t, "events", a.told(), "busy")
}

// TestR112_WaitingIsBoundedByDefault also if nobody sets a number.
func TestR112_WaitingIsBoundedByDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		opts := options(1)
		opts.Compare = func(p, hash string) (bool, error) {
			if p == "slow" {
				<-free
			}
			return compared(p, hash)
		}
		p, err := login.NewPasswords(opts)
		wantErr(t, "NewPasswords", err, nil)
		var refused atomic.Int32
		var all sync.WaitGroup
		for range 1 + 32 + 7 {
			all.Go(func() {
				if errors.Is(p.Check(t.Context(), "slow", "$slow"), login.ErrBusy) {
					refused.Add(1)
				}
			})
		}
		synctest.Wait()
		want(t, "refused", refused.Load(), 7)
		close(free)
		all.Wait()
	})
}

// stamped is a user whose sessions end by a stamp, not by the hash of the
// password.
type stamped struct{ name, hash, stamp string }

func (u stamped) UserID() string          { return u.name }
func (u stamped) SessionAuthHash() []byte { return []byte(u.stamp) }

// stampedUsers is a backend that hashes passwords anew when they are outdated.
type stampedUsers struct {
	passwords *login.Passwords
	ann       stamped
}

func (b *stampedUsers) Authenticate(ctx context.Context, p password) (stamped, error) {
	rehashed, err := b.passwords.Verify(ctx, p.Password, b.ann.hash)
	if rehashed != "" {
		b.ann.hash = rehashed
	}
	return b.ann, err
}

func (b *stampedUsers) User(context.Context, string) (stamped, error) { return b.ann, nil }

// TestR113_StrongerHashSignsNobodyOut: new parameters reach a user at the next
// sign-in, and the user's other sessions stay.
func TestR113_StrongerHashSignsNobodyOut(t *testing.T) {
	opts := login.PasswordOptions{
		Hash:     func(p string) (string, error) { return "v2$" + p, nil },
		Compare:  func(p, hash string) (bool, error) { return hash == "v1$"+p || hash == "v2$"+p, nil },
		Outdated: func(hash string) bool { return strings.HasPrefix(hash, "v1$") },
	}
	passwords, err := login.NewPasswords(opts)
	wantErr(t, "NewPasswords", err, nil)
	b := &stampedUsers{passwords, stamped{"ann", "v1$ann's", "1"}}
	m, err := sessions.New(new(memstore.Store), sessions.Options{})
	wantErr(t, "sessions.New", err, nil)
	auth, err := login.New(m, b, login.Options{HashKeys: []sessions.Secret{key1}})
	wantErr(t, "New", err, nil)
	var cookies []*http.Cookie
	signIn := func(given string) (err error) {
		w := httptest.NewRecorder()
		auth.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			var u stamped
			if u, err = auth.Authenticate(r.Context(), password{"ann", given}); err == nil {
				err = auth.Login(r.Context(), u, login.Details{})
			}
		})).ServeHTTP(w, get("/"))
		cookies = append(cookies, w.Result().Cookies()...)
		return err
	}
	signedIn := func() (n int) {
		for _, c := range cookies {
			r := get("/")
			r.AddCookie(c)
			auth.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if _, ok, _ := auth.User(r.Context()); ok {
					n++
				}
			})).ServeHTTP(httptest.NewRecorder(), r)
		}
		return n
	}
	wantErr(t, "wrong password", signIn("guess"), login.ErrCredentials)
	want(t, "hash after a wrong password", b.ann.hash, "v1$ann's")
	b.ann.hash = "v2$ann's"
	wantErr(t, "sign in, when the hash was new", signIn("ann's"), nil)
	b.ann.hash = "v1$ann's"
	wantErr(t, "sign in", signIn("ann's"), nil)
	want(t, "hash after a sign-in", b.ann.hash, "v2$ann's")
	want(t, "sessions that stay", signedIn(), 2)
	b.ann.stamp = "2" // a change of password
	want(t, "sessions after a change of password", signedIn(), 0)
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
		"waiting":    {login.PasswordOptions{Hash: hashed, Compare: compared, Waiting: -1}, "login: PasswordOptions: Waiting -1 is negative"},
		"outdated":   {login.PasswordOptions{Hash: hashed, Compare: compared, Outdated: func(string) bool { return true }}, "login: Outdated calls a hash outdated that Hash has just made"},
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
