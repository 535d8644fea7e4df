package matrix

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

const counter = sessions.Key[int]("visits")

// long is what the page /long ends with. It is worth compressing.
var long = strings.Repeat("The visitor has been here before.\n", 200)

// Count adds 1 to the visits in the session and returns their number.
func Count(ctx context.Context) (int, error) {
	s, err := sessions.Load(ctx)
	if err != nil {
		return 0, err
	}
	return increment(s)
}

func increment(s *sessions.Session) (int, error) {
	return counter.Update(s, func(n int) int { return n + 1 })
}

// CountAndSave is Count, and saves the session at once.
func CountAndSave(ctx context.Context) (int, error) {
	s, err := sessions.Load(ctx)
	if err != nil {
		return 0, err
	}
	n, err := increment(s)
	if err != nil {
		return 0, err
	}
	return n, s.Save(ctx)
}

// signIn counts and signs in, and leaves it to the middleware to save that.
func signIn(ctx context.Context) error {
	s, err := sessions.Load(ctx)
	if err != nil {
		return err
	}
	if _, err := increment(s); err != nil {
		return err
	}
	return s.SetSubject("ann")
}

func count(ctx context.Context) error {
	_, err := Count(ctx)
	return err
}

func destroy(ctx context.Context) error {
	s, err := sessions.Load(ctx)
	if err != nil {
		return err
	}
	s.Destroy()
	return nil
}

// pages returns the pages of the app.
func (s *Setup) pages() []Page {
	return []Page{
		{"/free", func(context.Context) (string, error) { return "free", nil }},
		{"/count", number(Count)},
		{"/save", func(ctx context.Context) (string, error) {
			n, err := CountAndSave(ctx)
			if err != nil {
				return "", errors.Join(err, s.Act(ctx))
			}
			return fmt.Sprint(n), nil
		}},
		{"/long", func(ctx context.Context) (string, error) {
			n, err := number(Count)(ctx)
			return n + "\n" + long, err
		}},
		{"/read", func(ctx context.Context) (string, error) {
			session, err := sessions.Load(ctx)
			if err != nil {
				return "", err
			}
			n, err := counter.Get(session)
			return fmt.Sprintf("%d %q", n, session.Subject()), err
		}},
		{"/both", func(ctx context.Context) (string, error) {
			var numbers []string
			for _, m := range []*sessions.Manager{s.Manager, s.Second} {
				session, err := m.Load(ctx)
				if err != nil {
					return "", err
				}
				n, err := increment(session)
				if err != nil {
					return "", err
				}
				numbers = append(numbers, fmt.Sprint(n))
			}
			return strings.Join(numbers, " "), nil
		}},
		{"/destroy", done(destroy)},
		{"/wait", func(ctx context.Context) (string, error) { // though the client has gone
			n, err := number(Count)(ctx)
			s.Wait(context.WithoutCancel(ctx))
			return n, err
		}},
		{"/gone", func(ctx context.Context) (string, error) { // until the client has gone
			n, err := number(Count)(ctx)
			s.Wait(ctx)
			return n, err
		}},
		{"/slow", func(ctx context.Context) (string, error) { // until the time is over
			if _, err := Count(ctx); err != nil {
				return "", err
			}
			select {
			case <-ctx.Done():
			case <-s.ended:
			}
			return "too late", ctx.Err()
		}},
		{"/renew", func(ctx context.Context) (string, error) {
			session, err := sessions.Load(ctx)
			if err != nil {
				return "", err
			}
			return "renewed", session.Renew()
		}},
		{"/login", done(func(ctx context.Context) error {
			u, err := s.Auth.Authenticate(ctx, Credentials{Name: "ann"})
			if err != nil {
				return err
			}
			return s.Auth.Login(ctx, u, login.Details{})
		})},
		{"/me", func(ctx context.Context) (string, error) {
			u, ok, err := s.Auth.User(ctx)
			if !ok {
				return "nobody", err
			}
			return u.Name, err
		}},
		{"/logout", done(func(ctx context.Context) error { return s.Auth.Logout(ctx) })},
		{"/everywhere", done(func(ctx context.Context) error {
			u, _, err := s.Auth.User(ctx)
			if err != nil {
				return err
			}
			return s.Auth.RevokeAll(ctx, u)
		})},
	}
}

func number(f func(context.Context) (int, error)) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		n, err := f(ctx)
		return fmt.Sprint(n), err
	}
}

func done(f func(context.Context) error) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) { return "done", f(ctx) }
}
