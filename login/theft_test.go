package login_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// changes are what ann does in her own browser while somebody else holds her
// token.
var changes = []struct {
	name string
	do   func(b *browser) string
	want string
}{
	{"change of password", func(b *browser) string {
		return b.post(asAnnText(func(a *app, r *http.Request, u user) error {
			u.Password = "new"
			if err := a.changeAuthHash(r.Context(), u); err != nil {
				return err
			}
			return a.RevokeOthers(r.Context())
		}, b.a))
	}, "200 done"},
	{"confirmation", func(b *browser) string {
		return b.post(asAnnText(func(a *app, r *http.Request, u user) error { return a.Confirm(r.Context(), u) }, b.a))
	}, "200 done"},
	{"second login", func(b *browser) string { return b.signIn("ann", login.Details{}) }, "200 hello ann"},
}

func asAnnText(f func(a *app, r *http.Request, u user) error, a *app) func(*http.Request) (string, error) {
	return func(r *http.Request) (string, error) { return "done", asAnn(f)(a, r) }
}

// TestRequestOnAStolenTokenGetsNoOther is a form that a thief sends slowly on
// ann's token, so that it is under way while ann changes her session's
// privileges. Whatever its handler does then, it gets no live token, changes
// nothing and ends nothing.
func TestRequestOnAStolenTokenGetsNoOther(t *testing.T) {
	looks := map[string]func(ctx context.Context, a *app, s *sessions.Session) error{
		"nothing": func(context.Context, *app, *sessions.Session) error { return nil },
		"Save":    func(ctx context.Context, _ *app, s *sessions.Session) error { return s.Save(ctx) },
		"Set and Save": func(ctx context.Context, _ *app, s *sessions.Session) error {
			return firstOf(s.Set("note", "planted"), s.Save(ctx))
		},
		"Reload": func(ctx context.Context, _ *app, s *sessions.Session) error { return s.Reload(ctx) },
		"Claim": func(ctx context.Context, _ *app, s *sessions.Session) error {
			_, _, err := sessions.Key[string]("cart").Claim(ctx, s)
			return err
		},
		"User":  func(ctx context.Context, a *app, _ *sessions.Session) error { _, _, err := a.User(ctx); return err },
		"Fresh": func(ctx context.Context, a *app, _ *sessions.Session) error { _, _, err := a.Fresh(ctx); return err },
	}
	moves := map[string]func(ctx context.Context, a *app, s *sessions.Session) error{
		"Renew":                func(_ context.Context, _ *app, s *sessions.Session) error { return s.Renew() },
		"SetSubject":           func(_ context.Context, _ *app, s *sessions.Session) error { return s.SetSubject("ann") },
		"SetSubject to nobody": func(_ context.Context, _ *app, s *sessions.Session) error { return s.SetSubject("") },
		"ChangeAuthHash":       func(ctx context.Context, a *app, _ *sessions.Session) error { return a.changeAuthHash(ctx, a.ann()) },
		"Confirm":              func(ctx context.Context, a *app, _ *sessions.Session) error { return a.Confirm(ctx, a.ann()) },
		"Logout":               func(ctx context.Context, a *app, _ *sessions.Session) error { return a.Logout(ctx) },
		"Logout and Confirm": func(ctx context.Context, a *app, _ *sessions.Session) error {
			return firstOf(a.Logout(ctx), a.Confirm(ctx, a.ann()))
		},
		"Destroy and Confirm": func(ctx context.Context, a *app, s *sessions.Session) error {
			s.Destroy()
			return a.Confirm(ctx, a.ann())
		},
		"SetSubject, nobody first": func(_ context.Context, _ *app, s *sessions.Session) error {
			return firstOf(s.SetSubject(""), s.SetSubject("ann"))
		},
	}
	for _, change := range changes {
		for look, looks := range looks {
			for move, moves := range moves {
				for _, asked := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s/%s and %s, asked before: %t", change.name, look, move, asked), func(t *testing.T) {
						a := newApp(t, login.Options{})
						ann := a.browser()
						annSignedIn(ann)
						ann.set("cart", "tea")
						thief := ann.copy()
						stolen := thief.token()
						thief.post(func(r *http.Request) (string, error) {
							s, err := a.sessions.Load(r.Context())
							wantErr(t, "Load", err, nil)
							if asked {
								_, ok, err := a.User(r.Context())
								want(t, "the token was good", ok && err == nil, true)
							}
							want(t, change.name, change.do(ann), change.want)
							_ = looks(r.Context(), a, s)
							if err := moves(r.Context(), a, s); err == nil {
								err = s.Save(r.Context())
								wantErr(t, "Save of it", err, sessions.ErrNotFound)
							}
							return "", nil
						})
						want(t, "who the thief is", thief.who(), "nobody")
						want(t, "whose the stolen token is", (&browser{a: a, cookies: map[string]string{"__Host-id": stolen}}).who(), "nobody")
						want(t, "who ann is", ann.who(), "ann")
						want(t, "her cart", ann.get("cart"), "tea")
						want(t, "what is planted", ann.get("note"), "")
						want(t, "sessions", a.countSessions("ann"), 1)
					})
				}
			}
		}
	}
}

// firstOf returns the first error.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
