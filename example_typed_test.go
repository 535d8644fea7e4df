package sessions_test

import (
	"context"
	"fmt"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

func ExampleTyped() {
	type Profile struct {
		Name  string
		Views int
	}
	const ProfileKey = sessions.Key[Profile]("profile")
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	s, _ := sessions.Load(ctx)
	_ = ProfileKey.Set(s, Profile{})
	reply, _ := x.Commit(ctx)
	_, _ = x.Discard()

	open := func() *sessions.Typed[Profile] {
		s, _ := manager.Open(context.Background(), reply.Token())
		profile, _ := ProfileKey.Open(s)
		return profile
	}
	// Two parallel requests change different fields. Both changes survive.
	one, other := open(), open()
	one.Data.Name = "Ann"
	other.Data.Views = 7
	fmt.Println(one.Save(ctx), other.Save(ctx))
	fmt.Println(open().Data)
	// Output:
	// <nil> <nil>
	// {Ann 7}
}

func ExampleKey_Open() {
	type Profile struct{ Name string }
	const ProfileKey = sessions.Key[Profile]("profile")
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)

	profile, err := ProfileKey.Open(s)
	if err != nil {
		fmt.Println(err)
		return
	}
	profile.Data.Name = "Ann" // saved before the response begins, or now
	fmt.Println(profile.Save(ctx), s.Has("profile"))
	// Output: <nil> true
}

func ExampleWrap() {
	type Everything struct {
		Theme string `session:"theme"`
		Views int    `session:"views"`
		Note  *string
	}
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)

	all, err := sessions.Wrap[Everything](s)
	if err != nil {
		fmt.Println(err)
		return
	}
	all.Data.Theme, all.Data.Views = "dark", 1
	_ = all.Save(ctx)
	for key := range s.Keys() {
		fmt.Println(key)
	}
	// Output:
	// theme
	// views
}
