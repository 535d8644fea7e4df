package crash

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store"
)

// member is a user, ann or bob.
type member struct{ name, hash string }

func (m member) UserID() string          { return m.name }
func (m member) SessionAuthHash() []byte { return []byte(m.hash) }

type members struct{}

func (members) Authenticate(_ context.Context, name string) (member, error) {
	return member{name, "1"}, nil
}
func (members) User(ctx context.Context, id string) (member, error) {
	return members{}.Authenticate(ctx, id)
}

// site is where members sign in.
type site struct {
	sessions *sessions.Manager
	*login.Manager[member, string]
}

func newSite(st store.Store) (s site, err error) {
	quiet := func(context.Context, sessions.Event) {}
	if s.sessions, err = sessions.New(st, sessions.Options{OnEvent: quiet}); err != nil {
		return s, err
	}
	s.Manager, err = login.New(s.sessions, members{}, login.Options{HashKeys: []sessions.Secret{make([]byte, 32)}})
	return s, err
}

// visit makes a request with a token, and returns the client's token after it.
func (s site) visit(token string, do func(context.Context) error) (string, error) {
	r, w := httptest.NewRequest(http.MethodPost, "https://example.com/", nil), httptest.NewRecorder()
	if token != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-id", Value: token})
	}
	var err error
	s.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { err = do(r.Context()) })).ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		token = c.Value
	}
	return token, err
}

// who returns the user of a token.
func (s site) who(token string) (name string, err error) {
	_, err = s.visit(token, func(ctx context.Context) error {
		u, _, err := s.User(ctx)
		name = u.name
		return err
	})
	return name, err
}

func (s site) enter(name string) func(context.Context) error {
	return func(ctx context.Context) error { return s.Login(ctx, member{name, "1"}, login.Details{}) }
}

// fill makes a session of nobody.
func (s site) fill(ctx context.Context) error {
	ss, err := s.sessions.Load(ctx)
	if err != nil {
		return err
	}
	return ss.Set("cart", "tea")
}

// visits are the requests during which a process is killed, with the user
// before and after. One without a change of privilege keeps the token before.
var visits = map[string]struct {
	before, after string
	keeps         bool
	do            func(site) func(context.Context) error
}{
	"login":         {"", "ann", false, func(s site) func(context.Context) error { return s.enter("ann") }},
	"login again":   {"ann", "ann", false, func(s site) func(context.Context) error { return s.enter("ann") }},
	"login as bob":  {"ann", "bob", false, func(s site) func(context.Context) error { return s.enter("bob") }},
	"confirmation":  {"ann", "ann", false, func(s site) func(context.Context) error { return s.confirm }},
	"change":        {"ann", "ann", false, func(s site) func(context.Context) error { return s.change }},
	"renewal":       {"ann", "ann", true, func(s site) func(context.Context) error { return s.renew }},
	"logout":        {"ann", "", false, func(s site) func(context.Context) error { return s.Logout }},
	"logout of all": {"ann", "", false, func(s site) func(context.Context) error { return s.revoke }},
}

func (s site) renew(ctx context.Context) error {
	ss, err := s.sessions.Load(ctx)
	if err != nil {
		return err
	}
	return ss.Renew()
}

func (s site) confirm(ctx context.Context) error { return s.Confirm(ctx, member{"ann", "1"}) }

func (s site) change(ctx context.Context) error {
	return s.ChangeAuthHash(ctx, member{"ann", "2"}, func(context.Context) error { return nil })
}

func (s site) revoke(ctx context.Context) error { return s.RevokeAll(ctx, member{"ann", "1"}) }

// visitAndDie makes the visit that the arguments name, prints that it was
// acknowledged and the token after it, and kills its process. If the visit has
// a k-th store operation, it kills the process before that.
func (open Open) visitAndDie(path string) error {
	name, token := os.Args[1], os.Args[2]
	k, err := strconv.Atoi(os.Args[3])
	if err != nil {
		return err
	}
	st, err := open(path)
	if err != nil {
		return err
	}
	n := 0
	s, err := newSite(&faultstore.Store{Store: st, Hook: func(string, string) {
		if n++; n == k {
			die()
		}
	}})
	if err != nil {
		return err
	}
	token, err = s.visit(token, visits[name].do(s))
	if err != nil {
		return err
	}
	fmt.Print("done ", token)
	die()
	return nil
}

func die() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err == nil {
		select {} // until the signal arrives
	}
	panic(err)
}

// KillLogins kills a process before each store operation of a login, a
// confirmation, a change of password, a renewal and a logout, and after the
// last one. The token before it never becomes another user's, and acknowledged
// changes hold. A renewal whose answer is lost loses no session.
func KillLogins(t *testing.T, path string, open Open) {
	for name := range visits {
		t.Run(name, func(t *testing.T) {
			for k, acknowledged := 1, false; !acknowledged; k++ {
				var err error
				if acknowledged, err = killLogin(t, path, open, name, k); err != nil {
					t.Fatalf("killed before operation %d: %v", k, err)
				}
			}
		})
	}
}

func killLogin(t *testing.T, path string, open Open, name string, k int) (acknowledged bool, err error) {
	v, token := visits[name], ""
	at := func(f func(site) error) error {
		return within(path, open, func(st Store) error {
			s, err := newSite(st)
			if err != nil {
				return err
			}
			return f(s)
		})
	}
	if err := at(func(s site) (err error) {
		do := s.fill
		if v.before != "" {
			do = s.enter(v.before)
		}
		token, err = s.visit("", do)
		return err
	}); err != nil {
		return false, err
	}
	c := Child(t, "visit", path)
	c.Args = append(c.Args, name, token, strconv.Itoa(k))
	out, err := c.Output()
	if err == nil || !strings.Contains(err.Error(), "killed") {
		return false, fmt.Errorf("the process says %q, error %v", out, err)
	}
	next, acknowledged := strings.CutPrefix(string(out), "done ")
	return acknowledged, at(func(s site) error {
		now := ""
		was, err := s.who(token) // before the new token is seen
		if err == nil && acknowledged {
			now, err = s.who(next)
		}
		switch {
		case err != nil:
			return err
		case v.keeps && was != v.before:
			return fmt.Errorf("the token before is %q's; acknowledged: %t", was, acknowledged)
		case !v.keeps && was != "" && (was != v.before || acknowledged):
			return fmt.Errorf("the token before is %q's; acknowledged: %t", was, acknowledged)
		case acknowledged && now != v.after:
			return fmt.Errorf("the visit was acknowledged, but the visitor is %q", now)
		}
		return nil
	})
}
