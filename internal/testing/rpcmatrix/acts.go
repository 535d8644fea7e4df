package rpcmatrix

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/matrix"
	"github.com/gosessions/sessions/login"
)

const counter = sessions.Key[int]("visits")

// ended returns the name of the code at the end of a stream.
func (tr *trial) ended(err error) string {
	if errors.Is(err, io.EOF) {
		return "OK"
	}
	return tr.client.Code(err).String()
}

// on gives unary calls with the text a handler.
func (s *Setup) on(text string, f func(context.Context) (string, error)) { s.acts.Store(text, f) }

// onStream gives streams that begin with the text a handler.
func (s *Setup) onStream(text string, f func(context.Context, end) error) { s.actors.Store(text, f) }

// onSession is on, for handlers that need a session.
func (s *Setup) onSession(text string, f func(context.Context, *sessions.Session) (string, error)) {
	s.on(text, func(ctx context.Context) (string, error) {
		session, err := sessions.Load(ctx)
		if err != nil {
			return "", err
		}
		return f(ctx, session)
	})
}

func count(s *sessions.Session) (string, error) {
	n, err := counter.Update(s, func(n int) int { return n + 1 })
	return fmt.Sprint(n), err
}

// addActs adds what most scenarios need.
func (s *Setup) addActs() {
	s.on("free", func(context.Context) (string, error) { return "free", nil })
	s.onSession("count", func(_ context.Context, session *sessions.Session) (string, error) { return count(session) })
	s.onSession("save", func(ctx context.Context, session *sessions.Session) (string, error) {
		n, err := count(session)
		if err != nil {
			return "", err
		}
		return n, session.Save(ctx)
	})
	s.onSession("read", func(_ context.Context, session *sessions.Session) (string, error) {
		n, err := counter.Get(session)
		return fmt.Sprintf("%d %q", n, session.Subject()), err
	})
	s.onSession("renew", func(_ context.Context, session *sessions.Session) (string, error) { return "renewed", session.Renew() })
	s.onSession("destroy", func(_ context.Context, session *sessions.Session) (string, error) {
		session.Destroy()
		return "destroyed", nil
	})
	s.on("login", func(ctx context.Context) (string, error) {
		return "done", s.Auth.Login(ctx, matrix.User{Name: "ann"}, login.Details{})
	})
	s.on("logout", func(ctx context.Context) (string, error) { return "done", s.Auth.Logout(ctx) })
	s.on("everywhere", func(ctx context.Context) (string, error) {
		u, _, err := s.Auth.User(ctx)
		if err != nil {
			return "", err
		}
		return "done", s.Auth.RevokeAll(ctx, u)
	})
	s.on("me", func(ctx context.Context) (string, error) {
		u, ok, err := s.Auth.User(ctx)
		if !ok {
			return "nobody", err
		}
		return u.Name, nil
	})
}
