package sessions_test

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

// xmlCodec stores values as XML.
type xmlCodec struct{}

func (xmlCodec) Name() string                       { return "xml" }
func (xmlCodec) Marshal(v any) ([]byte, error)      { return xml.Marshal(v) }
func (xmlCodec) Unmarshal(data []byte, v any) error { return xml.Unmarshal(data, v) }

type Address struct{ Street, City string }

const AddressKey = sessions.Key[Address]("address")

func ExampleCodec() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{Codec: xmlCodec{}})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)

	_ = AddressKey.Set(s, Address{"1 Main Street", "Springfield"})
	address, err := AddressKey.Get(s)
	fmt.Println(address.City, err)
	// Output: Springfield <nil>
}

func ExampleCodec_json() {
	const AccountID = sessions.Key[int64]("account")
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{Codec: sessions.JSON}) // the default
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)

	_ = AccountID.Set(s, 1<<62+1) // exact, although a float64 cannot hold it
	id, err := AccountID.Get(s)
	fmt.Println(id, err)
	// Output: 4611686018427387905 <nil>
}

func ExampleCodec_gob() {
	type Point struct{ X, Y int }
	const Seen = sessions.Key[map[Point]bool]("seen") // JSON has no such map
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{Codec: sessions.Gob})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)

	err := Seen.Set(s, map[Point]bool{{1, 2}: true})
	fmt.Println(err)
	seen, err := Seen.Get(s)
	fmt.Println(seen, err)
	// Output:
	// <nil>
	// map[{1 2}:true] <nil>
}

func ExampleOptions_oldCodecs() {
	st := new(memstore.Store)
	before, _ := sessions.New(st, sessions.Options{Codec: xmlCodec{}})
	ctx, x := before.Begin(context.Background(), "")
	s, _ := sessions.Load(ctx)
	_ = AddressKey.Set(s, Address{"1 Main Street", "Springfield"})
	reply, _ := x.Commit(ctx)
	_, _ = x.Discard()

	// The next release writes JSON. Values that are stored stay readable.
	after, _ := sessions.New(st, sessions.Options{
		Codec:     sessions.JSON,
		OldCodecs: []sessions.Codec{xmlCodec{}},
	})
	s, _ = after.Open(context.Background(), reply.Token())
	address, err := AddressKey.Get(s)
	fmt.Println(address.City, err)
	// Output: Springfield <nil>
}

func ExampleCodecError() {
	const Counter = sessions.Key[int]("counter")
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)

	_ = s.Set("counter", "three")
	_, err := Counter.Get(s) // not an int
	var codecError *sessions.CodecError
	fmt.Println(errors.As(err, &codecError), codecError.Op, codecError.Key)
	// Output: true decode counter
}

func ExampleUndecodable() {
	st := new(memstore.Store)
	before, _ := sessions.New(st, sessions.Options{})
	ctx, x := before.Begin(context.Background(), "")
	s, _ := sessions.Load(ctx)
	_ = sessions.Key[[]string]("cart").Set(s, []string{"apple"})
	reply, _ := x.Commit(ctx)
	_, _ = x.Discard()

	// The next release keeps the cart as another type.
	after, _ := sessions.New(st, sessions.Options{
		Undecodable: sessions.UndecodableAbsent, // the default
		OnEvent:     func(_ context.Context, e sessions.Event) { fmt.Println(e.Kind, e.Err) },
	})
	s, _ = after.Open(context.Background(), reply.Token())
	cart, err := sessions.Key[map[string]int]("cart").Open(s)
	fmt.Println(cart.Data, err)
	// Output:
	// undecodable sessions: decode "cart": the value of codec "json" is no map[string]int and counts as absent; it stays until it is overwritten
	// map[] <nil>
}
