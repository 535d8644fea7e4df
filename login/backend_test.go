package login_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

// TestBackendThatPanics leaves no lock behind, and the visit as it was.
func TestBackendThatPanics(t *testing.T) {
	a := newApp(t, login.Options{})
	b := a.browser()
	annSignedIn(b)
	broken := true
	a.users.hook = func(context.Context) {
		if broken {
			panic("backend")
		}
	}
	perms, err := login.NewPermissions(a.Manager, a.users)
	wantErr(t, "NewPermissions", err, nil)
	ann, _ := a.users.find("ann")
	got := b.post(func(r *http.Request) (string, error) {
		for name, f := range map[string]func() error{
			"User":          func() error { _, _, err := a.User(r.Context()); return err },
			"HasPermission": func() error { _, err := perms.HasPermission(r.Context(), "read"); return err },
			"Confirm":       func() error { return a.Confirm(r.Context(), ann) },
			"Login":         func() error { return a.Login(r.Context(), ann, login.Details{}) },
		} {
			func() {
				defer func() { want[any](t, name, recover(), "backend") }()
				_ = f()
			}()
		}
		broken = false
		u, _, err := a.User(r.Context())
		return u.Name, err
	})
	want(t, "the same request, once the backend is well", got, "200 ann")
	want(t, "the next", b.who(), "ann")
}

// TestBackendThatHangs keeps nobody waiting but those who ask.
func TestBackendThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, login.Options{})
		b := a.browser()
		annSignedIn(b)
		free := make(chan struct{})
		a.users.hook = func(context.Context) { <-free } // whatever the context says
		began := time.Now()
		asks := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _, _ = a.User(r.Context()) })
		got := text(b.send(http.TimeoutHandler(asks, time.Second, "too late"), get("/")))
		want(t, "reply", got, "503 too late")
		want(t, "after", time.Since(began), time.Second)
		close(free)
		synctest.Wait()
	})
}

// nothing is a backend that forgets to say that there is no such user.
type nothing[U login.User] struct{}

func (nothing[U]) Authenticate(context.Context, string) (u U, err error) { return u, nil }
func (nothing[U]) User(context.Context, string) (u U, err error)         { return u, nil }

func TestNeitherUserNorErrorIsAFailure(t *testing.T) {
	t.Run("pointer", neitherUserNorError[*user])
	t.Run("interface", neitherUserNorError[login.User])
}

func neitherUserNorError[U login.User](t *testing.T) {
	m, err := sessions.New(new(memstore.Store), sessions.Options{})
	wantErr(t, "sessions.New", err, nil)
	l, err := login.New(m, nothing[U]{}, login.Options{HashKeys: []sessions.Secret{key1}, OnEvent: func(context.Context, login.Event) {}})
	wantErr(t, "New", err, nil)
	l.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		nobody, authErr := l.Authenticate(ctx, "ann")
		s, err := m.Load(ctx)
		wantErr(t, "Load", err, nil)
		s.SetSubject("ann")
		_, ok, userErr := l.User(ctx)
		want(t, "ok", ok, false)
		for name, err := range map[string]error{
			"Authenticate": authErr, "User": userErr, "Login": l.Login(ctx, nobody, login.Details{}),
		} {
			wantErr(t, name, err, login.ErrBackend)
			if !strings.Contains(err.Error(), "neither a user nor an error") {
				t.Errorf("%s: error %v does not say what is wrong", name, err)
			}
		}
	})).ServeHTTP(httptest.NewRecorder(), get("/"))
}

// TestPermissionThatCannotBeCompared is a fault of the application, and leaves
// no lock behind.
func TestPermissionThatCannotBeCompared(t *testing.T) {
	a := newApp(t, login.Options{})
	perms, err := login.NewPermissions(a.Manager, uneven{})
	wantErr(t, "NewPermissions", err, nil)
	b := a.browser()
	annSignedIn(b)
	want(t, "reply", b.post(func(r *http.Request) (string, error) {
		func() {
			defer func() { want(t, "panics", recover() != nil, true) }()
			_, _ = perms.HasPermission(r.Context(), "read")
		}()
		u, _, err := a.User(r.Context())
		return u.Name, err
	}), "200 ann")
}

type uneven struct{}

func (uneven) UserPermissions(context.Context, user) ([]any, error) { return []any{[]int{1}}, nil }
func (uneven) GroupPermissions(context.Context, user) ([]any, error) {
	return nil, errors.New("unused")
}
