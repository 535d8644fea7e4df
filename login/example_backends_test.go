package login_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

// Member is a user, who may sign in by their name or by their number at GitHub.
type Member struct{ ID, Name, PasswordHash, GitHub string }

func (m Member) UserID() string          { return m.ID }
func (m Member) SessionAuthHash() []byte { return []byte(m.PasswordHash) }

// Credentials are what one can sign in with: a type for each way.
type Credentials interface {
	prove(ctx context.Context, all *Members) (Member, error)
}

// ByPassword is a name and a password, from a form.
type ByPassword struct{ Name, Password string }

func (c ByPassword) prove(_ context.Context, all *Members) (Member, error) {
	return all.find(func(m Member) bool {
		return m.Name == c.Name && m.PasswordHash == "hash of "+c.Password // use login.Passwords with argon2id
	})
}

// ByGitHub is what GitHub sends a visitor back with, and the secret that goes
// with it. See examples/oauth2.
type ByGitHub struct{ Code, Verifier string }

func (c ByGitHub) prove(ctx context.Context, all *Members) (Member, error) {
	id, err := all.GitHub(ctx, c.Code, c.Verifier)
	if err != nil {
		return Member{}, err
	}
	return all.find(func(m Member) bool { return m.GitHub == id && id != "" })
}

// Members is the backend of all ways.
type Members struct {
	all    []Member
	GitHub func(ctx context.Context, code, verifier string) (id string, err error)
}

func (ms *Members) Authenticate(ctx context.Context, c Credentials) (Member, error) {
	return c.prove(ctx, ms)
}

func (ms *Members) User(_ context.Context, id string) (Member, error) {
	for _, m := range ms.all {
		if m.ID == id {
			return m, nil
		}
	}
	return Member{}, login.ErrNoUser
}

func (ms *Members) find(is func(Member) bool) (Member, error) {
	for _, m := range ms.all {
		if is(m) {
			return m, nil
		}
	}
	return Member{}, login.ErrCredentials
}

// Where users sign in by a password or by another site, credentials are an
// interface, and each way is a type.
func Example_severalWaysToSignIn() {
	members := &Members{
		all: []Member{{ID: "1", Name: "ann", PasswordHash: "hash of secret", GitHub: "583231"}},
		GitHub: func(_ context.Context, code, _ string) (string, error) {
			if code != "good" {
				return "", login.ErrCredentials
			}
			return "583231", nil
		},
	}
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		panic(err)
	}
	key := sessions.Secret(bytes.Repeat([]byte{42}, 32)) // from the configuration
	auth, err := login.New(manager, members, login.Options{HashKeys: []sessions.Secret{key}})
	if err != nil {
		panic(err)
	}
	signIn := func(w http.ResponseWriter, r *http.Request, c Credentials) {
		u, err := auth.Authenticate(r.Context(), c)
		if err == nil {
			err = auth.Login(r.Context(), u, login.Details{})
		}
		if err != nil {
			auth.Error(w, r, err)
			return
		}
		_, _ = fmt.Fprintf(w, "hello %s", u.Name)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login/password", func(w http.ResponseWriter, r *http.Request) {
		signIn(w, r, ByPassword{r.FormValue("name"), r.FormValue("password")})
	})
	mux.HandleFunc("GET /login/github", func(w http.ResponseWriter, r *http.Request) {
		signIn(w, r, ByGitHub{Code: r.FormValue("code"), Verifier: "the session has it"}) // check the state first
	})

	for _, r := range []*http.Request{
		httptest.NewRequest("POST", "/login/password?name=ann&password=secret", nil),
		httptest.NewRequest("POST", "/login/password?name=ann&password=wrong", nil),
		httptest.NewRequest("GET", "/login/github?code=good", nil),
		httptest.NewRequest("GET", "/login/github?code=made-up", nil),
	} {
		w := httptest.NewRecorder()
		auth.Handler(mux).ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 hello ann
	// 401 Unauthorized
	//
	// 200 hello ann
	// 401 Unauthorized
}
