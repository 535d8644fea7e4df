package sessions_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

func ExampleOptions_signingKeys() {
	ctx, st := context.Background(), new(memstore.Store)
	old := sessions.Secret("0123456789abcdef0123456789abcdef") // 32 random bytes, from where you keep secrets
	current := sessions.Secret("fedcba9876543210fedcba9876543210")

	manager, _ := sessions.New(st, sessions.Options{SigningKeys: []sessions.Secret{old}})
	token := cookieOf(manager, func(s *sessions.Session) { _ = Counter.Set(s, 1) }).Value

	// To rotate, put the new key in front.
	rotating, _ := sessions.New(st, sessions.Options{SigningKeys: []sessions.Secret{current, old}})
	_, err := rotating.Open(ctx, token)
	fmt.Println("rotating:", err)

	// Drop the old one when no session of its time can be left.
	rotated, _ := sessions.New(st, sessions.Options{SigningKeys: []sessions.Secret{current}})
	_, err = rotated.Open(ctx, token)
	fmt.Println("rotated:", errors.Is(err, sessions.ErrNotFound))
	// Output:
	// rotating: <nil>
	// rotated: true
}

func ExampleSecret() {
	key := sessions.Secret("0123456789abcdef0123456789abcdef")
	fmt.Printf("%v %s %x\n", key, key, key)
	fmt.Println([]sessions.Secret{key})
	// Output:
	// [secret] [secret] [secret]
	// [[secret]]
}

func ExampleOptions_namespace() {
	// Two applications of one domain, which share a store.
	ctx, st := context.Background(), new(memstore.Store)
	shop, _ := sessions.New(st, sessions.Options{Namespace: "shop"})
	staff, _ := sessions.New(st, sessions.Options{Namespace: "staff"})
	token := cookieOf(shop, func(s *sessions.Session) { s.SetSubject("ann") }).Value

	_, err := shop.Open(ctx, token)
	fmt.Println(err)
	_, err = staff.Open(ctx, token)
	fmt.Println(errors.Is(err, sessions.ErrNotFound))
	// Output:
	// <nil>
	// true
}
