// Package storetest tests a store against the contract of package store. One
// call runs all tests:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) store.Store { return mystore.New(...) })
//	}
//
// The tests create records under random IDs, and the records that they leave
// behind expire within 20 minutes. So you can test against a shared database.
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

// Clause is one sentence of the contract together with its check.
type Clause struct {
	Name     string // the name of the test
	Sentence string // what a store must do

	// Check returns an error if st breaks the clause. The error wraps
	// [errors.ErrUnsupported] if st lacks the optional method that the clause
	// is about.
	Check func(ctx context.Context, st store.Store) error
}

// Clauses returns all clauses of the contract.
func Clauses() []Clause {
	var all []Clause
	for _, c := range [][]Clause{create, load, save, remove, expiry, content, touch, sweep, list, refresh, contexts, parallel} {
		all = append(all, c...)
	}
	return all
}

// Run checks every clause in its own subtest, with the store that newStore
// returns. newStore may return the same store each time.
func Run(t *testing.T, newStore func(t *testing.T) store.Store) {
	for _, c := range Clauses() {
		t.Run(c.Name, func(t *testing.T) {
			err := c.Check(t.Context(), newStore(t))
			switch {
			case errors.Is(err, errors.ErrUnsupported):
				t.Skip("the store lacks this optional method")
			case err != nil:
				t.Errorf("broken: %s\n%v", c.Sentence, err)
			}
		})
	}
}

// life is how long the test records live.
const life = 10 * time.Minute

// fresh returns a record with an unused ID.
func fresh() store.Record {
	return store.Record{
		ID:      "storetest-" + rand.Text(),
		Version: 1,
		Expires: time.Now().Add(life).Truncate(time.Millisecond),
		Subject: "subject-" + rand.Text(),
		Data:    []byte("data " + rand.Text()),
	}
}

// past returns the expiry of expired test records.
func past() time.Time { return time.Now().Add(-time.Hour).Truncate(time.Millisecond) }

// made creates a fresh record and returns it.
func made(ctx context.Context, st store.Store) (store.Record, error) {
	r := fresh()
	return r, wrap("Create", st.Create(ctx, r))
}

// dead creates an expired record and returns it.
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

// same compares records as the contract does: times to the millisecond, and
// nil data like empty data.
func same(got, want store.Record) error {
	if bytes.Equal(got.Data, want.Data) { // cmp.Diff of large data is slow
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

// wrap adds the step that failed to an error.
func wrap(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// steps runs functions until one returns an error.
func steps(fs ...func() error) error {
	for _, f := range fs {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}
