package sessions_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

func ExampleSession_Save() {
	inSession(sessions.Options{}, func(ctx context.Context, s *sessions.Session) {
		_ = s.Set("order", "paid")
		if err := s.Save(ctx); err != nil { // before the goods leave the house
			fmt.Println(err)
			return
		}
		fmt.Println(s.ID() != "", s.Modified())
	})
	// Output: true false
}

func ExampleSession_Reload() {
	ctx := context.Background()
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	token := cookieOf(manager, func(s *sessions.Session) { _ = s.Set("upload", "running") }).Value
	here, _ := manager.Open(ctx, token)

	there, _ := manager.Open(ctx, token) // another request
	_ = there.Set("upload", "done")
	_ = there.Save(ctx)

	_ = here.Set("theme", "dark") // stays, for it is not saved yet
	err := here.Reload(ctx)
	var upload string
	_, _ = here.Get("upload", &upload)
	fmt.Println(upload, here.Has("theme"), err)
	// Output: done true <nil>
}

func ExampleSession_Clear() {
	inSession(sessions.Options{}, func(ctx context.Context, s *sessions.Session) {
		s.SetSubject("ann")
		_ = Counter.Set(s, 7)
		_ = s.Save(ctx)
		before := s.ID()

		s.Clear() // the values only
		_ = s.Save(ctx)
		fmt.Println(s.Len(), s.Subject(), s.ID() == before)
	})
	// Output: 0 ann true
}

func ExampleSession_Destroy() {
	inSession(sessions.Options{}, func(ctx context.Context, s *sessions.Session) {
		s.SetSubject("ann")
		_ = s.Save(ctx)
		before := s.ID()

		s.Destroy()
		fmt.Printf("%q %d\n", s.Subject(), s.Len())

		_ = s.Set("message", "Goodbye.") // goes into a new session
		_ = s.Save(ctx)
		fmt.Println(s.ID() != before)
	})
	// Output:
	// "" 0
	// true
}

func ExampleSession_Created() {
	inSession(sessions.Options{}, func(ctx context.Context, s *sessions.Session) {
		_ = Counter.Set(s, 1)
		_ = s.Save(ctx)
		before := s.Created()
		s.SetSubject("ann") // a new id and a new lifetime, and the same session
		_ = s.Save(ctx)
		fmt.Println(s.Created().Equal(before), time.Since(s.Created()).Round(time.Minute))
	})
	// Output: true 0s
}

func ExampleTyped() {
	ctx := context.Background()
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	token := cookieOf(manager, func(s *sessions.Session) { _ = VisitorKey.Set(s, Visitor{}) }).Value
	open := func() *sessions.Typed[Visitor] {
		s, _ := manager.Open(ctx, token)
		visitor, _ := VisitorKey.Open(s)
		return visitor
	}
	// Two requests at once, which change different fields.
	one, other := open(), open()
	one.Data.Name = "Ann"
	other.Data.Views = 7
	fmt.Println(one.Save(ctx), other.Save(ctx))
	fmt.Println(open().Data)
	// Output:
	// <nil> <nil>
	// {Ann 7}
}

func ExampleManager_List() {
	const Device = sessions.Key[string]("device")
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	for _, device := range []string{"phone", "laptop"} {
		cookieOf(manager, func(s *sessions.Session) {
			s.SetSubject("ann")
			_ = Device.Set(s, device)
		})
	}
	for s, err := range manager.List(context.Background(), "ann") {
		if err != nil { // of one record; others follow
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
	ctx := context.Background()
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	token := cookieOf(manager, func(s *sessions.Session) { s.SetSubject("ann") }).Value
	s, _ := manager.Open(ctx, token)

	err := manager.Revoke(ctx, s.ID()) // the id, which a page may show
	fmt.Println(err)
	_, err = manager.Open(ctx, token)
	fmt.Println(errors.Is(err, sessions.ErrNotFound))
	// Output:
	// <nil>
	// true
}
