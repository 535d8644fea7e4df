// Package faultstore wraps a store for tests: it counts operations, and makes
// chosen ones fail.
package faultstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/gosessions/sessions/store"
)

// ErrDown is what a failing operation returns.
var ErrDown = errors.New("faultstore: down")

// Fault is a way to fail.
type Fault int

// The ways to fail.
const (
	None   Fault = iota
	Before       // the operation does not happen
	After        // it happens, and its answer is lost
	Hang         // it does not happen, and ends with its context
)

// Store wraps a store. Set its fields before it is used.
type Store struct {
	store.Store
	// Fault, if set, decides about each operation by its number, counted from
	// 1, and its name: create, load, save, delete, touch, list, sweep.
	Fault func(n int, op string) Fault
	// Hook, if set, runs before each operation, outside of any lock.
	Hook func(op, id string)

	mu  sync.Mutex
	ops []string
}

// Ops returns the operations so far, as in "load save", and forgets them.
func (s *Store) Ops() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ops := strings.Join(s.ops, " ")
	s.ops = nil
	return ops
}

func (s *Store) do(ctx context.Context, op, id string, f func() error) error {
	if s.Hook != nil {
		s.Hook(op, id)
	}
	s.mu.Lock()
	s.ops = append(s.ops, op)
	fault := None
	if s.Fault != nil {
		fault = s.Fault(len(s.ops), op)
	}
	s.mu.Unlock()
	switch fault {
	case Before:
		return fmt.Errorf("%s: %w", op, ErrDown)
	case Hang:
		<-ctx.Done()
		return ctx.Err()
	case After:
		_ = f()
		return fmt.Errorf("%s: answer lost: %w", op, ErrDown)
	}
	return f()
}

// Create is the wrapped store's.
func (s *Store) Create(ctx context.Context, r store.Record) error {
	return s.do(ctx, "create", r.ID, func() error { return s.Store.Create(ctx, r) })
}

// Load is the wrapped store's.
func (s *Store) Load(ctx context.Context, id string) (r store.Record, err error) {
	err = s.do(ctx, "load", id, func() error { r, err = s.Store.Load(ctx, id); return err })
	return r, err
}

// Refresh is the wrapped store's, and counts as a load.
func (s *Store) Refresh(ctx context.Context, id string) (r store.Record, err error) {
	f, ok := s.Store.(store.Refresher)
	if !ok {
		return r, errors.ErrUnsupported
	}
	err = s.do(ctx, "load", id, func() error { r, err = f.Refresh(ctx, id); return err })
	return r, err
}

// Save is the wrapped store's.
func (s *Store) Save(ctx context.Context, r store.Record) error {
	return s.do(ctx, "save", r.ID, func() error { return s.Store.Save(ctx, r) })
}

// Delete is the wrapped store's.
func (s *Store) Delete(ctx context.Context, id string) error {
	return s.do(ctx, "delete", id, func() error { return s.Store.Delete(ctx, id) })
}

// Touch is the wrapped store's.
func (s *Store) Touch(ctx context.Context, id string, version uint64, expires time.Time) error {
	return s.do(ctx, "touch", id, func() error { return store.Touch(ctx, s.Store, id, version, expires) })
}

// Sweep is the wrapped store's.
func (s *Store) Sweep(ctx context.Context, limit int) (n int, err error) {
	err = s.do(ctx, "sweep", "", func() error { n, err = store.Sweep(ctx, s.Store, limit); return err })
	return n, err
}

// List is the wrapped store's.
func (s *Store) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	if err := s.do(ctx, "list", "", func() error { return nil }); err != nil {
		return func(yield func(store.Record, error) bool) { yield(store.Record{}, err) }
	}
	return store.List(ctx, s.Store, subject)
}
