package sessions_test

import (
	"context"
	"fmt"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

func ExampleCodec_json() {
	inSession(sessions.Options{Codec: sessions.JSON}, func(_ context.Context, s *sessions.Session) {
		_ = s.Set("id", int64(1)<<62+1) // a float64 could not hold it
		id, err := sessions.Key[int64]("id").Get(s)
		fmt.Println(id, err)
	})
	// Output: 4611686018427387905 <nil>
}

func ExampleCodec_gob() {
	type Point struct{ X, Y int }
	const Seen = sessions.Key[map[Point]bool]("seen") // JSON has no such map
	inSession(sessions.Options{Codec: sessions.Gob}, func(_ context.Context, s *sessions.Session) {
		err := Seen.Set(s, map[Point]bool{{1, 2}: true})
		fmt.Println(err)
		seen, err := Seen.Get(s)
		fmt.Println(seen, err)
	})
	// Output:
	// <nil>
	// map[{1 2}:true] <nil>
}

func ExampleOptions_oldCodecs() {
	ctx, st := context.Background(), new(memstore.Store)
	before, _ := sessions.New(st, sessions.Options{Codec: xmlCodec{}})
	token := cookieOf(before, func(s *sessions.Session) { _ = VisitorKey.Set(s, Visitor{Name: "Ann"}) }).Value

	// The next release writes Gob. What is stored stays readable.
	after, _ := sessions.New(st, sessions.Options{
		Codec:     sessions.Gob,
		OldCodecs: []sessions.Codec{xmlCodec{}}, // JSON and Gob need not be named
	})
	s, _ := after.Open(ctx, token)
	visitor, err := VisitorKey.Update(s, func(v Visitor) Visitor { v.Views++; return v })
	fmt.Println(visitor, err)
	fmt.Println(s.Save(ctx))
	// Output:
	// {Ann 1} <nil>
	// <nil>
}
