package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
	"github.com/gosessions/sessions/store/storetest"
)

// ownStore stands for your own store.
type ownStore struct{ *memstore.Store }

func newOwnStore() ownStore { return ownStore{new(memstore.Store)} }

func TestOwnStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return newOwnStore() })
}

func ExampleRun() {
	// func TestOwnStore(t *testing.T), in the test of the store:
	_ = func(t *testing.T) {
		storetest.Run(t, func(*testing.T) store.Store { return newOwnStore() })
	}
	// Output:
}

func ExampleClauses() {
	// Outside a test: does this server's database keep the contract?
	broken := 0
	for _, c := range storetest.Clauses() {
		err := c.Check(context.Background(), newOwnStore())
		if err != nil && !errors.Is(err, errors.ErrUnsupported) { // an optional method
			broken++
			fmt.Println(c.Sentence, err)
		}
	}
	fmt.Println("broken:", broken)
	// Output: broken: 0
}
