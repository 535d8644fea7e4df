package sessions_test

import (
	"context"
	"fmt"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

func ExampleSession() {
	// In a handler, sessions.HandlerFunc gives you the session.
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)

	_ = s.Set("theme", "dark")
	_ = s.Set("volume", 11)

	var theme string
	ok, err := s.Get("theme", &theme)
	fmt.Println(theme, ok, err)
	for key := range s.Keys() {
		fmt.Println(key)
	}
	s.Delete("volume")
	fmt.Println(s.Has("volume"), s.Len(), s.IsNew(), s.Modified())
	// Output:
	// dark true <nil>
	// theme
	// volume
	// false 1 true true
}

func ExampleSession_Save() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)

	// Changes are saved before the response begins. Save them earlier if
	// something depends on it.
	_ = s.Set("order", "paid")
	if err := s.Save(ctx); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.ID() != "", s.Modified()) // ship the goods
	// Output: true false
}

func ExampleSession_Reload() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)
	_ = s.Set("upload", "running")
	_ = s.Save(ctx)

	// Meanwhile a job changes the session.
	job, _ := manager.Find(ctx, s.ID())
	_ = job.Set("upload", "done")
	_ = job.Save(ctx)

	_ = s.Set("theme", "dark") // not saved yet; Reload keeps it
	err := s.Reload(ctx)
	var upload string
	_, _ = s.Get("upload", &upload)
	fmt.Println(upload, s.Has("theme"), err)
	// Output: done true <nil>
}

func ExampleSession_Renew() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	s, _ := sessions.Load(ctx)
	_ = s.Set("theme", "dark")
	reply, _ := x.Commit(ctx)
	_, _ = x.Discard()
	first, id := reply.Token(), s.ID()

	ctx, x = manager.Begin(context.Background(), first)
	s, _ = sessions.Load(ctx)
	if err := s.Renew(); err != nil { // ErrHeadersSent if the response has begun
		fmt.Println(err)
	}
	reply, _ = x.Commit(ctx)
	fmt.Println("another token:", reply.Token() != first)
	fmt.Println("the same session:", s.ID() == id, s.Has("theme"))
	_, _ = x.Discard()

	// A parallel request may still use the token before.
	_, err := manager.Open(context.Background(), first)
	fmt.Println("the token before:", err)
	// Output:
	// another token: true
	// the same session: true true
	// the token before: <nil>
}

func ExampleSession_Clear() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)
	_ = s.SetSubject("ann")
	_ = s.Set("theme", "dark")
	_ = s.Save(ctx)
	id := s.ID()

	s.Clear() // removes the values; the session stays
	_ = s.Save(ctx)
	fmt.Println(s.Len(), s.Subject(), s.ID() == id)
	// Output: 0 ann true
}

func ExampleSession_ClearExcept() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)
	_ = s.Set("cart", []string{"apple"})
	_ = s.Set("referrer", "https://example.com")

	// At the login, keep the cart and nothing else of the anonymous visitor.
	s.ClearExcept("cart")
	_ = s.SetSubject("ann")
	for key := range s.Keys() {
		fmt.Println(key)
	}
	// Output: cart
}

func ExampleSession_Destroy() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)
	_ = s.SetSubject("ann")
	_ = s.Save(ctx)
	id := s.ID()

	s.Destroy()
	fmt.Printf("%q %d\n", s.Subject(), s.Len())

	_ = s.Set("message", "Goodbye.") // goes into a new session
	_ = s.Save(ctx)
	fmt.Println(s.ID() != id)
	// Output:
	// "" 0
	// true
}

func ExampleSession_Created() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)
	_ = s.Set("theme", "dark")
	_ = s.Save(ctx)
	created := s.Created()

	_ = s.SetSubject("ann") // a new token and a new lifetime, but the same session
	_ = s.Save(ctx)
	fmt.Println(s.Created().Equal(created), time.Since(created).Round(time.Minute))
	// Output: true 0s
}

func ExampleSession_Passive() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{
		RenewEvery: time.Nanosecond, // every request, for this example
	})
	ctx, x := manager.Begin(context.Background(), "")
	s, _ := sessions.Load(ctx)
	_ = s.SetSubject("ann")
	reply, _ := x.Commit(ctx)
	_, _ = x.Discard()
	token := reply.Token()

	for _, polls := range []bool{true, false} {
		ctx, x := manager.Begin(context.Background(), token)
		s, _ := sessions.Load(ctx)
		if polls {
			s.Passive() // the page asks for news by itself: the visitor may be away
		}
		reply, _ := x.Commit(ctx)
		fmt.Println(polls, reply.Action() == sessions.Set)
		_, _ = x.Discard()
	}
	// Output:
	// true false
	// false true
}
