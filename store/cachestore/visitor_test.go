package cachestore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/cachestore"
)

// node is one of several processes that serve a site.
type node struct {
	t testing.TB
	m *sessions.Manager
}

// nodesOver returns two with a backend in common that hear nothing of each
// other.
func nodesOver(t testing.TB, backend store.Store, opts sessions.Options) (here, there node) {
	t.Helper()
	opts.OnEvent = func(context.Context, sessions.Event) {}
	for _, n := range []*node{&here, &there} {
		m, err := sessions.New(open(t, backend, cachestore.Options{MaxStale: time.Hour}), opts)
		ok(t, err)
		*n = node{t, m}
	}
	return here, there
}

// visit makes a request with a token, and returns the client's token after it.
func (n node) visit(token string, do func(*sessions.Session) error) string {
	n.t.Helper()
	ctx, x := n.m.Begin(n.t.Context(), token)
	s, err := n.m.Load(ctx)
	ok(n.t, err)
	ok(n.t, do(s))
	reply, err := x.Commit(ctx)
	ok(n.t, err)
	switch reply.Action() {
	case sessions.Set:
		return reply.Token()
	case sessions.Clear:
		return ""
	}
	return token
}

// shows fails the test unless a token opens a session of a subject.
func (n node) shows(token, subject string) {
	n.t.Helper()
	n.visit(token, func(s *sessions.Session) error {
		if got := s.Subject(); got != subject {
			n.t.Errorf("the subject is %q, want %q", got, subject)
		}
		return nil
	})
}

func fill(s *sessions.Session) error  { return s.Set("cart", "tea") }
func login(s *sessions.Session) error { return s.SetSubject("ann") }

// TestNewTokenWorksInEveryProcess although the others have cached the record
// of before.
func TestNewTokenWorksInEveryProcess(t *testing.T) {
	for name, change := range map[string]func(*sessions.Session) error{
		"login": login, "renewal": (*sessions.Session).Renew,
	} {
		t.Run(name, func(t *testing.T) {
			here, there := nodesOver(t, backendOf(t), sessions.Options{})
			token := here.visit("", fill)
			for range 3 {
				old := token
				token = there.visit(token, change)
				if token == old {
					t.Fatal("the same token")
				}
				id := ""
				if after := here.visit(token, func(s *sessions.Session) error { id = s.ID(); return s.Set("seen", true) }); after != token {
					t.Fatal("a session of its own takes the place of the one with the new token")
				}
				there.visit(token, func(s *sessions.Session) error {
					if s.ID() != id {
						t.Errorf("the session is %s here and %s there", id, s.ID())
					}
					return nil
				})
				here, there = there, here
			}
		})
	}
}

// TestStaleLogoutSparesALoginElsewhere: whoever planted a token cannot end
// what came of it, though the cached record still knows the token.
func TestStaleLogoutSparesALoginElsewhere(t *testing.T) {
	here, there := nodesOver(t, backendOf(t), sessions.Options{})
	planted := here.visit("", fill)
	token := there.visit(planted, login)

	ctx, x := here.m.Begin(t.Context(), planted)
	s, err := here.m.Load(ctx)
	ok(t, err)
	s.Destroy()
	if _, err := x.Commit(ctx); !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("the logout: %v, want ErrNotFound", err)
	}
	there.shows(token, "ann")
	here.shows(token, "ann")
}

// TestRevocationElsewhere is final: what another process has cached is served
// for a while and never saved, and to revoke it again finds nothing.
func TestRevocationElsewhere(t *testing.T) {
	backend := backendOf(t)
	here, there := nodesOver(t, backend, sessions.Options{})
	id := ""
	token := here.visit("", func(s *sessions.Session) error { id = s.ID(); return login(s) })
	here.visit(token, func(s *sessions.Session) error { id = s.ID(); return nil })
	ok(t, there.m.Revoke(t.Context(), id))
	here.shows(token, "ann") // for MaxStale
	if err := here.m.Revoke(t.Context(), id); !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("revoke of what is gone: %v, want ErrNotFound", err)
	}
	here.shows(token, "")
	if _, err := backend.Load(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("in the backend: %v, want nothing", err)
	}
}

// TestStaleWriteIsDropped: it was made with a token that a login elsewhere has
// ended.
func TestStaleWriteIsDropped(t *testing.T) {
	here, there := nodesOver(t, backendOf(t), sessions.Options{})
	old := here.visit("", fill)
	token := there.visit(old, login)
	here.visit(old, func(s *sessions.Session) error { return s.Set("cart", "coffee") })
	there.visit(token, func(s *sessions.Session) error {
		cart, err := sessions.Key[string]("cart").Get(s)
		if cart != "tea" {
			t.Errorf("cart is %q, want tea", cart)
		}
		return err
	})
	here.shows(token, "ann")
}
