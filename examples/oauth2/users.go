package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"

	"github.com/gosessions/sessions/login"
)

// user is somebody who has signed in here.
type user struct {
	ID    string // "github:583231"
	Login string // as the provider has it; may change, and then be somebody else's
	Name  string
	mark  []byte // of this account, should it be deleted and made again
}

// UserID is made of the number that the provider never gives to anybody else.
// Login names and e-mail addresses are given to others.
func (u user) UserID() string { return u.ID }

// SessionAuthHash is the account's mark, for there is no password here that
// could change: sessions of an account that was deleted stay ended when its
// owner comes back.
func (u user) SessionAuthHash() []byte { return u.mark }

// users is the backend: everybody with an account at the provider may sign in.
// They are kept in memory, as long as the sessions are.
type users struct {
	provider *provider

	mu    sync.Mutex
	known map[string]user
}

// Authenticate asks the provider whose grant it is, and takes over what has
// changed of their profile.
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

// User finds a user without the provider: once somebody is signed in, it may be
// down.
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
