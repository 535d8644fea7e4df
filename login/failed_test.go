package login_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

func TestLoginThatFailsLeavesNobodySignedIn(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	annSignedIn(b)
	b.post(func(r *http.Request) (string, error) {
		bob, _ := a.users.find("bob")
		ann, ok, err := a.User(r.Context())
		want(t, "before", ok && ann.Name == "ann", true)
		wantErr(t, "User", err, nil)
		a.store.Fault = faultAll()
		for name, err := range map[string]error{
			"Login":          a.Login(r.Context(), bob, login.Details{}),
			"Confirm":        a.Confirm(r.Context(), bob),
			"ChangeAuthHash": a.changeAuthHash(r.Context(), bob),
		} {
			want(t, name, err != nil, true)
			u, ok, err := a.User(r.Context())
			want(t, "after "+name, fmt.Sprint(u.Name, ok), "false")
			wantErr(t, "User", err, nil)
		}
		return "", login.ErrBackend
	})
	a.store.Fault = nil
	want(t, "afterwards", b.who(), "ann")
	for name, change := range map[string]func(context.Context, user) error{"Confirm": a.Confirm, "ChangeAuthHash": a.changeAuthHash} {
		b.post(func(r *http.Request) (string, error) {
			u, _, err := a.User(r.Context())
			wantErr(t, "User", err, nil)
			a.store.Fault = faultAll()
			wantErr(t, name, change(r.Context(), u), sessions.ErrUnavailable)
			u, ok, err := a.User(r.Context())
			want(t, "after "+name, fmt.Sprint(u.Name, ok), "false")
			wantErr(t, "User", err, nil)
			return "", login.ErrBackend
		})
		a.store.Fault = nil
		want(t, "afterwards", b.who(), "ann")
	}
}

func TestLoginAfterTheFirstByteIsAnError(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	ann, _ := a.users.find("ann")
	b.send(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		wantErr(t, "Login", a.Login(r.Context(), ann, login.Details{}), sessions.ErrHeadersSent)
	}), get("/"))
	want(t, "afterwards", b.who(), "nobody")
	annSignedIn(b)
	for name, change := range map[string]func(context.Context, user) error{"Confirm": a.Confirm, "ChangeAuthHash": a.changeAuthHash} {
		b.send(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _, err := a.User(r.Context())
			wantErr(t, "User", err, nil)
			w.WriteHeader(http.StatusOK)
			wantErr(t, name, change(r.Context(), ann), sessions.ErrHeadersSent)
		}), get("/"))
		want(t, "afterwards", b.who(), "ann")
	}
}
