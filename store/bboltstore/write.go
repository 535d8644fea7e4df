package bboltstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gosessions/sessions/store"
)

// write is a change that waits to be committed with others. Its step runs in
// a transaction, perhaps more than once, and says whether it changed anything.
// A step that returns an error of package store has changed nothing.
type write struct {
	step func(tables) (changed bool, err error)
	done chan struct{} // closed when err is set
	err  error
}

// update commits a change. Whoever waits longest commits for all who wait, so
// that they share a flush of the disk, and nobody waits for company.
func (s *Store) update(ctx context.Context, step func(tables) (bool, error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &write{step: step, done: make(chan struct{})}
	s.queueMu.Lock()
	s.queue = append(s.queue, w)
	s.queueMu.Unlock()
	select {
	case s.turn <- struct{}{}:
		s.commit(s.take())
		<-s.turn
		<-w.done // by this commit, or by one before that took it
	case <-w.done:
	case <-ctx.Done():
		if s.withdraw(w) {
			return ctx.Err()
		}
		<-w.done // it is being committed
	}
	return w.err
}

func (s *Store) take() []*write {
	s.queueMu.Lock()
	defer s.queueMu.Unlock()
	all := s.queue
	s.queue = nil
	return all
}

// withdraw takes back a write that nobody has begun to commit.
func (s *Store) withdraw(w *write) bool {
	s.queueMu.Lock()
	defer s.queueMu.Unlock()
	i := slices.Index(s.queue, w)
	if i < 0 {
		return false
	}
	s.queue = slices.Delete(s.queue, i, i+1)
	return true
}

// commit commits writes in one transaction, or each in its own if one of them
// fails, for which the others are not to blame.
func (s *Store) commit(all []*write) {
	errs, err := s.transact(all)
	for i, w := range all {
		switch {
		case err == nil:
			w.err = errs[i]
		case errs != nil && len(all) > 1: // a step failed
			s.commit(all[i : i+1])
			continue
		default:
			w.err = fmt.Errorf("bboltstore: %w", explain(err))
		}
		close(w.done)
	}
}

// transact returns what each step did, or an error, after which nothing has
// changed; with it errs is nil if no step is to blame.
func (s *Store) transact(all []*write) (errs []error, err error) {
	if len(all) == 0 {
		return nil, nil
	}
	err = guard(func() error {
		tx, err := s.db.Begin(true)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // of no effect after Commit
		errs = make([]error, len(all))
		changes, err := run(all, tablesOf(tx), errs)
		if err != nil || !changes {
			return err
		}
		results := errs
		errs = nil // until they are on the disk
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("the disk is full or failing: %w", err)
		}
		errs = results
		return nil
	})
	return errs, err
}

// run runs the steps until one fails.
func run(all []*write, t tables, errs []error) (changes bool, err error) {
	for i, w := range all {
		changed, err := w.step(t)
		if err != nil && !errors.Is(err, store.ErrExists) && !errors.Is(err, store.ErrConflict) {
			return false, err
		}
		changes, errs[i] = changes || changed, err
	}
	return changes, nil
}
