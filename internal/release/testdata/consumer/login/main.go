// Command consumer signs a user in.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

type account string

func (a account) UserID() string        { return string(a) }
func (account) SessionAuthHash() []byte { return []byte("hash of the password") }

type accounts struct{}

func (accounts) Authenticate(_ context.Context, name string) (account, error) {
	return account(name), nil
}

func (accounts) User(_ context.Context, id string) (account, error) { return account(id), nil }

func main() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	auth, err := login.New(manager, accounts{}, login.Options{HashKeys: []sessions.Secret{make([]byte, 32)}, LoginURL: "/login"})
	if err != nil {
		log.Fatal(err)
	}
	handler := auth.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := auth.Login(r.Context(), "ann", login.Details{}); err != nil {
			log.Fatal(err)
		}
		user, ok, err := auth.User(r.Context())
		if err != nil || !ok {
			log.Fatal("nobody is signed in: ", err)
		}
		fmt.Fprint(w, user)
	}))
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("POST", "/login", nil))
	fmt.Println("signed in", w.Body)
}
