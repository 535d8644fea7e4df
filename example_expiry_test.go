package sessions_test

import (
	"context"
	"fmt"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

func ExampleExpiry() {
	closing := time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)
	fmt.Println(sessions.Remember(7*24*time.Hour, 30*24*time.Hour))
	fmt.Println(sessions.AtTime(closing))
	fmt.Println(sessions.OnSessionEnd)
	fmt.Println(sessions.Expiry{})
	// Output:
	// after 168h0m0s of inactivity, 720h0m0s in all
	// at 2026-03-01T18:00:00Z
	// on session end
	// by the manager's options
}

func ExampleRemember() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)

	// The visitor has ticked "remember me". The session ends after a week
	// without use, and 30 days after the login in any case.
	_ = s.SetSubject("ann")
	s.SetExpiry(sessions.Remember(7*24*time.Hour, 30*24*time.Hour))

	reply, _ := x.Commit(ctx)
	fmt.Println("the cookie ends in", reply.MaxAge().Round(time.Hour), "unless the session is used")
	// Output: the cookie ends in 168h0m0s unless the session is used
}

func ExampleAtTime() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)

	exam := time.Now().Add(3 * time.Hour).Truncate(time.Second)
	s.SetExpiry(sessions.AtTime(exam)) // used or not
	fmt.Println(s.Expires().Equal(exam))
	// Output: true
}

func ExampleExpiry_onSessionEnd() {
	// Cookies outlive the browser, except on a public computer.
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{Persistent: true})
	for _, public := range []bool{false, true} {
		ctx, x := manager.Begin(context.Background(), "")
		s, _ := sessions.Load(ctx)
		_ = s.SetSubject("ann")
		if public {
			s.SetExpiry(sessions.OnSessionEnd)
		}
		reply, _ := x.Commit(ctx)
		fmt.Println(reply.MaxAge().Round(time.Hour))
		_, _ = x.Discard()
	}
	// Output:
	// 24h0m0s
	// 0s
}

func ExampleSession_Expiry() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)

	fmt.Println(s.Expiry() == sessions.Expiry{}, s.Expiry())
	s.SetExpiry(sessions.OnSessionEnd)
	fmt.Println(s.Expiry() == sessions.OnSessionEnd, s.Expiry())
	// Output:
	// true by the manager's options
	// true on session end
}

func ExampleSession_SetExpiry() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)

	s.SetExpiry(sessions.Remember(15*time.Minute, 12*time.Hour)) // this session only
	fmt.Println(time.Until(s.Expires()).Round(time.Minute))

	s.SetExpiry(sessions.Expiry{}) // the policy of the Options again
	fmt.Println(time.Until(s.Expires()).Round(time.Minute))
	// Output:
	// 15m0s
	// 1h0m0s
}

func ExampleOptions_expiry() {
	// All sessions last until the end of the month, used or not.
	end := time.Now().AddDate(0, 1, 0).Truncate(time.Second)
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{Expiry: sessions.AtTime(end)})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)
	_ = s.Set("theme", "dark")
	fmt.Println(s.Expires().Equal(end))
	// Output: true
}
