package sessions_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/memstore"
)

func ExampleKey() {
	const Theme = sessions.Key[string]("theme")
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)

	theme, err := Theme.Get(s) // the zero value if there is none
	fmt.Printf("%q %v\n", theme, err)

	_ = Theme.Set(s, "dark")
	theme, ok, err := Theme.Lookup(s)
	fmt.Printf("%q %t %v\n", theme, ok, err)

	Theme.Delete(s)
	fmt.Println(s.Has("theme"))
	// Output:
	// "" <nil>
	// "dark" true <nil>
	// false
}

func ExampleKey_Update() {
	type Cart map[string]int
	const CartKey = sessions.Key[Cart]("cart")
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)

	add := func(cart Cart) Cart {
		if cart == nil {
			cart = Cart{}
		}
		cart["apple"]++
		return cart
	}
	_, _ = CartKey.Update(s, add)
	cart, err := CartKey.Update(s, add)
	fmt.Println(cart, err)
	// Output: map[apple:2] <nil>
}

func ExampleKey_TryUpdate() {
	const Vouchers = sessions.Key[int]("vouchers")
	errUsedUp := errors.New("no voucher left")
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)
	_ = Vouchers.Set(s, 1)

	redeem := func(left int) (int, error) {
		if left == 0 {
			return 0, errUsedUp
		}
		return left - 1, nil
	}
	for range 2 {
		left, err := Vouchers.TryUpdate(s, redeem)
		if err == nil {
			err = s.Save(ctx) // a parallel request may have redeemed it first
		}
		fmt.Println(left, err)
	}
	// Output:
	// 0 <nil>
	// 0 no voucher left
}

func ExampleKey_Claim() {
	const State = sessions.Key[string]("oauth-state")
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	defer x.Discard()
	s, _ := sessions.Load(ctx)
	_ = State.Set(s, "xyz")
	_ = s.Save(ctx) // in the request that redirects to the provider

	// If parallel requests claim the value, exactly one gets it.
	state, ok, err := State.Claim(ctx, s)
	fmt.Println(state, ok, err)
	_, ok, err = State.Claim(ctx, s)
	fmt.Println(ok, err)
	// Output:
	// xyz true <nil>
	// false <nil>
}

func ExampleSession_CopyFrom() {
	manager, _ := sessions.New(new(memstore.Store), sessions.Options{})
	ctx, x := manager.Begin(context.Background(), "")
	guest, _ := sessions.Load(ctx)
	_ = guest.Set("cart", []string{"apple"})
	_ = guest.Set("theme", "dark")
	reply, _ := x.Commit(ctx)
	_, _ = x.Discard()

	ctx, x = manager.Begin(context.Background(), "") // a visitor who had another session
	defer x.Discard()
	s, _ := sessions.Load(ctx)
	other, err := manager.Open(ctx, reply.Token())
	if err != nil {
		fmt.Println(err)
		return
	}
	err = s.CopyFrom(other, other.Keys()) // or slices.Values([]string{"cart"})
	fmt.Println(s.Len(), s.Has("cart"), err)
	err = manager.Revoke(ctx, other.ID())
	fmt.Println(err)
	// Output:
	// 2 true <nil>
	// <nil>
}
