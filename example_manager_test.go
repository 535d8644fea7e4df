package sessions_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

// newSession saves a new session that f has changed, as a request does. It
// returns the token and the session's ID.
func newSession(m *sessions.Manager, f func(*sessions.Session)) (token, id string) {
	ctx, x := m.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)
	f(s)
	reply, _ := x.Commit(ctx)
	return reply.Token(), s.ID()
}

func ExampleNew() {
	_, err := sessions.New(nil, sessions.Options{
		Cookie:      sessions.CookieOptions{Domain: "example.com"},
		IdleTimeout: 48 * time.Hour,
	})
	fmt.Println(err)
	// Output:
	// sessions: the store is nil; new(memstore.Store) will do
	// IdleTimeout 48h0m0s is longer than Lifetime 24h0m0s
	// the cookie __Host-id cannot have a Domain; set a Name without __Host-, such as __Secure-id
}

func ExampleManager_Open() {
	const Counter = sessions.Key[int]("counter")
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	token, _ := newSession(manager, func(s *sessions.Session) { _ = Counter.Set(s, 1) })

	// A worker that got the token from a WebSocket's request.
	ctx := context.Background()
	s, err := manager.Open(ctx, token)
	if err != nil {
		fmt.Println(err)
		return
	}
	n, _ := Counter.Update(s, func(n int) int { return n + 1 })
	fmt.Println(n, s.Save(ctx))

	_, err = manager.Open(ctx, "not a token")
	fmt.Println(errors.Is(err, sessions.ErrNotFound))
	// Output:
	// 2 <nil>
	// true
}

func ExampleManager_Find() {
	const Export = sessions.Key[string]("export")
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	token, id := newSession(manager, func(s *sessions.Session) { _ = Export.Set(s, "running") })

	// A job knows the session's ID, which is not secret.
	ctx := context.Background()
	s, err := manager.Find(ctx, id)
	if err != nil { // ErrNotFound if the session has ended
		fmt.Println(err)
		return
	}
	_ = Export.Set(s, "ready")
	fmt.Println(s.Save(ctx))

	// The visitor's next request.
	s, _ = manager.Open(ctx, token)
	export, err := Export.Get(s)
	fmt.Println(export, err)
	// Output:
	// <nil>
	// ready <nil>
}

func ExampleManager_List() {
	const Device = sessions.Key[string]("device")
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	for _, device := range []string{"phone", "laptop"} {
		newSession(manager, func(s *sessions.Session) {
			_ = s.SetSubject("ann")
			_ = Device.Set(s, device)
		})
	}
	for s, err := range manager.List(context.Background(), "ann") {
		if err != nil { // of one record; iteration continues
			fmt.Println(err)
			continue
		}
		device, _ := Device.Get(s)
		fmt.Println(device, time.Since(s.Created()).Round(time.Hour))
	}
	// Unordered output:
	// phone 0s
	// laptop 0s
}

func ExampleManager_Revoke() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	token, id := newSession(manager, func(s *sessions.Session) { _ = s.SetSubject("ann") })

	// The form of a page that lists devices sends the ID.
	ctx := context.Background()
	fmt.Println(manager.Revoke(ctx, id))
	_, err := manager.Open(ctx, token)
	fmt.Println(errors.Is(err, sessions.ErrNotFound))

	// A session that does not exist cannot be ended.
	fmt.Println(errors.Is(manager.Revoke(ctx, id), sessions.ErrNotFound))
	// Output:
	// <nil>
	// true
	// true
}

func ExampleManager_RevokeAll() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	token, _ := newSession(manager, func(s *sessions.Session) { _ = s.SetSubject("ann") })

	ctx := context.Background()
	fmt.Println(manager.RevokeAll(ctx, "ann")) // the account is closed
	_, err := manager.Open(ctx, token)
	fmt.Println(errors.Is(err, sessions.ErrNotFound))
	// Output:
	// <nil>
	// true
}

func ExampleManager_RevokeAllExcept() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	login := func(s *sessions.Session) { _ = s.SetSubject("ann") }
	phone, _ := newSession(manager, login)
	laptop, laptopID := newSession(manager, login)

	// Ann has changed her password on the laptop.
	ctx := context.Background()
	fmt.Println(manager.RevokeAllExcept(ctx, "ann", laptopID))
	_, err := manager.Open(ctx, phone)
	fmt.Println("phone:", errors.Is(err, sessions.ErrNotFound))
	_, err = manager.Open(ctx, laptop)
	fmt.Println("laptop:", err)
	// Output:
	// <nil>
	// phone: true
	// laptop: <nil>
}

func ExampleManager_Sweep() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- manager.Sweep(ctx, 0) }()
	stop() // when the program ends
	fmt.Println(<-done)
	// Output: context canceled
}
