package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"

	"github.com/gosessions/sessions/login"
)

// user is an account, made at the first sign-in.
type user struct {
	ID    string // "github:583231"
	Login string // at the provider; may change and then be another user's
	Name  string
	mark  []byte // of this account; another one if it is deleted and made again
}

// UserID contains the number that the provider never gives to another user.
// Login names and email addresses can pass to others.
func (u user) UserID() string { return u.ID }

// SessionAuthHash is the account's mark, because there is no password that could
// change. So the sessions of a deleted account stay ended when its owner comes
// back.
func (u user) SessionAuthHash() []byte { return u.mark }

// users is the backend: everyone with an account at the provider may sign in.
// Users are kept in memory, like the sessions.
type users struct {
	provider *provider

	mu    sync.Mutex
	known map[string]user
}

// Authenticate asks the provider for the profile of a grant, and stores it.
func (us *users) Authenticate(ctx context.Context, g grant) (user, error) {
	who, err := us.provider.profile(ctx, g)
	if err != nil {
		return user{}, err
	}
	u := user{ID: fmt.Sprintf("%s:%d", us.provider.name, who.ID), Login: who.Login, Name: who.Name}
	us.mu.Lock()
	defer us.mu.Unlock()
	if u.mark = us.known[u.ID].mark; u.mark == nil {
		u.mark = []byte(rand.Text())
	}
	us.known[u.ID] = u
	return u, nil
}

// User finds a user without the provider, which may be down once they are signed
// in.
func (us *users) User(_ context.Context, id string) (user, error) {
	us.mu.Lock()
	defer us.mu.Unlock()
	u, ok := us.known[id]
	if !ok {
		return user{}, login.ErrNoUser
	}
	return u, nil
}

// remove deletes a user. Their sessions end at their next request.
func (us *users) remove(id string) {
	us.mu.Lock()
	defer us.mu.Unlock()
	delete(us.known, id)
}
