// Package storetest is the contract of package store as tests. A store passes
// by one call:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) store.Store { return mystore.New(...) })
//	}
//
// Records are made under random ids, and those that stay behind expire soon,
// so that a store may be tested against a database that others use too.
package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions/store"
)

// Clause is one sentence of the contract with the check for it.
type Clause struct {
	Name     string // a test's name
	Sentence string // what the store failed to do

	// Check returns an error that wraps errors.ErrUnsupported if the clause is
	// about an optional method that the store does not have.
	Check func(ctx context.Context, st store.Store) error
}

// Clauses returns the contract.
func Clauses() []Clause {
	var all []Clause
	for _, c := range [][]Clause{create, load, save, remove, content, touch, sweep, list, contexts, parallel} {
		all = append(all, c...)
	}
	return all
}

// Run checks every clause in a test of its own, each on a store that newStore
// gives it; it may be the same one each time.
func Run(t *testing.T, newStore func(t *testing.T) store.Store) {
	for _, c := range Clauses() {
		t.Run(c.Name, func(t *testing.T) {
			err := c.Check(t.Context(), newStore(t))
			switch {
			case errors.Is(err, errors.ErrUnsupported):
				t.Skip("the store does not offer this")
			case err != nil:
				t.Errorf("broken: %s\n%v", c.Sentence, err)
			}
		})
	}
}

// life is how long records of the kit live.
const life = 10 * time.Minute

// fresh returns a record under an id that nobody has used.
func fresh() store.Record {
	return store.Record{
		ID:      "storetest-" + rand.Text(),
		Version: 1,
		Expires: time.Now().Add(life).Truncate(time.Millisecond),
		Subject: "subject-" + rand.Text(),
		Data:    []byte("data " + rand.Text()),
	}
}

// past is when the kit's expired records have expired.
func past() time.Time { return time.Now().Add(-time.Hour).Truncate(time.Millisecond) }

// made creates a fresh record and returns it.
func made(ctx context.Context, st store.Store) (store.Record, error) {
	r := fresh()
	return r, wrap("Create", st.Create(ctx, r))
}

// dead creates a record that has expired.
func dead(ctx context.Context, st store.Store) (store.Record, error) {
	r := fresh()
	r.Expires = past()
	return r, wrap("Create with a past expiry", st.Create(ctx, r))
}

// holds returns an error unless Load returns the record.
func holds(ctx context.Context, st store.Store, want store.Record) error {
	got, err := st.Load(ctx, want.ID)
	if err != nil {
		return wrap("Load", err)
	}
	return same(got, want)
}

// same compares records as the contract does: times to the millisecond, no
// data like empty data.
func same(got, want store.Record) error {
	if bytes.Equal(got.Data, want.Data) { // or comparing them takes long
		got.Data, want.Data = nil, nil
	}
	for _, r := range []*store.Record{&got, &want} {
		r.Expires = r.Expires.Truncate(time.Millisecond).UTC()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("record differs (-want +got):\n%s", diff)
	}
	return nil
}

// lacks returns an error unless Load finds nothing.
func lacks(ctx context.Context, st store.Store, id string) error {
	_, err := st.Load(ctx, id)
	return is("Load", err, store.ErrNotFound)
}

// is returns an error unless got is want.
func is(what string, got, want error) error {
	if !errors.Is(got, want) {
		return fmt.Errorf("%s: got error %v, want %v", what, got, want)
	}
	return nil
}

// wrap says which step of a clause failed.
func wrap(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// steps runs steps until one fails.
func steps(fs ...func() error) error {
	for _, f := range fs {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}
