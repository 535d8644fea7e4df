package surrealstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/surrealdb/surrealdb.go/pkg/connection"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/surrealstore"
)

// conflicts are what versions of the server say of a transaction that met
// another one.
var conflicts = []string{
	"Transaction conflict: Resource busy: . This transaction can be retried",
	"Transaction conflict: Write conflict, retry the transaction. This transaction can be retried",
	"Failed to commit transaction due to a read or write conflict. This transaction can be retried",
	"The query was not executed due to a failed transaction. Failed to commit transaction due to a read or write conflict. This transaction can be retried.",
}

func TestTransactionThatMetAnotherIsTriedAgain(t *testing.T) {
	for _, text := range conflicts {
		db, h := hook(t, find(t))
		st := open(t, db)
		left := 0
		h.hook = func(send func() (*answer, error)) (*answer, error) {
			if left--; left >= 0 {
				if left%2 == 0 {
					return nil, &connection.RPCError{Message: text}
				}
				return failed(t, text), nil
			}
			return send()
		}
		r := record("a")
		for name, call := range calls(t.Context(), st, &r) {
			left = 4
			if err := call(); err != nil {
				t.Errorf("%s after %q: %v", name, text, err)
			}
			if left > 0 {
				t.Errorf("%s met %d conflicts of 4", name, 4-left)
			}
		}
	}
}

// calls yields every call on a record, in an order that succeeds.
func calls(ctx context.Context, st *surrealstore.Store, r *store.Record) func(func(string, func() error) bool) {
	return func(yield func(string, func() error) bool) {
		_ = yield("Create", func() error { return st.Create(ctx, *r) }) &&
			yield("Load", func() error { _, err := st.Load(ctx, r.ID); return err }) &&
			yield("Save", func() error { err := st.Save(ctx, *r); r.Version++; return err }) &&
			yield("Touch", func() error { return st.Touch(ctx, r.ID, r.Version, r.Expires.Add(time.Hour)) }) &&
			yield("List", func() error {
				for _, err := range st.List(ctx, r.Subject) {
					if err != nil {
						return err
					}
				}
				return nil
			}) &&
			yield("Sweep", func() error { _, err := st.Sweep(ctx, 1); return err }) &&
			yield("Delete", func() error { return st.Delete(ctx, r.ID) })
	}
}

func TestConflictsThatGoOnEndWithTheContext(t *testing.T) {
	db, h := hook(t, find(t))
	st := open(t, db)
	tries := 0
	h.hook = func(func() (*answer, error)) (*answer, error) {
		tries++
		return failed(t, conflicts[0]), nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	err := st.Save(ctx, record("a"))
	wants(t, "Save", err, "can be retried")
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, store.ErrConflict) || tries < 3 {
		t.Errorf("Save after %d tries: %v", tries, err)
	}
}

// TestRecordThatIsThereIsTold by a text alone, in which only the frame is the
// server's.
func TestRecordThatIsThereIsTold(t *testing.T) {
	db, h := hook(t, find(t))
	st := open(t, db)
	for text, want := range map[string]bool{
		"Database record `sessions:a` already exists":                                                             true, // 2 and 3
		"Database record `sessions:⟨already exists⟩` already exists.":                                             true,
		"Database index `x` already contains 'a', with record `sessions:already exists`":                          false,
		"Couldn't coerce value for field `data` of `sessions:⟨Database record already exists⟩`: Expected `bytes`": false,
		"The table 'x' already exists":                                                                            false,
	} {
		h.hook = func(func() (*answer, error)) (*answer, error) { return failed(t, text), nil }
		if err := st.Create(t.Context(), record("a")); errors.Is(err, store.ErrExists) != want || err == nil {
			t.Errorf("Create after %q: %v, want ErrExists: %t", text, err, want)
		}
	}
}

// TestOneOfParallelCreatesWins, by several connections.
func TestOneOfParallelCreatesWins(t *testing.T) {
	s := find(t)
	var stores []*surrealstore.Store
	for range 8 {
		stores = append(stores, open(t, connect(t, s, nil)))
	}
	for i := range 20 {
		r := record(fmt.Sprint("a", i))
		errs := make([]error, len(stores))
		var all sync.WaitGroup
		for n, st := range stores {
			all.Go(func() { errs[n] = st.Create(t.Context(), r) })
		}
		all.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, store.ErrExists) {
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%d of parallel creates succeeded", won)
		}
	}
}
