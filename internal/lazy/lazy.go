// Package lazy computes a value when it is first asked for.
package lazy

import (
	"errors"
	"sync"
	"sync/atomic"
)

// ErrClosed is returned by Get after Close if there is no value.
var ErrClosed = errors.New("closed")

// Value holds a value that is made by the first call of Get that succeeds.
// The zero Value is empty. It is safe for use by several goroutines; callers
// that come while the value is being made wait for it.
type Value[T any] struct {
	done   atomic.Bool // v is there, and does not change any more
	closed bool        // needs mu
	v      T
	mu     sync.Mutex // held while v is made
}

// Get returns the kept value, or makes it. A failure is returned and
// forgotten, so that the next call tries again.
func (l *Value[T]) Get(make func() (T, error)) (T, error) {
	if l.done.Load() {
		return l.v, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.done.Load():
		return l.v, nil
	case l.closed:
		var none T
		return none, ErrClosed
	}
	v, err := make()
	if err != nil {
		return v, err
	}
	l.v = v
	l.done.Store(true)
	return v, nil
}

// Peek returns the kept value, if there is one.
func (l *Value[T]) Peek() (v T, ok bool) {
	if l.done.Load() {
		return l.v, true
	}
	return v, false
}

// Close waits for a value that is being made, and returns what there is. No
// other is made.
func (l *Value[T]) Close() (v T, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	return l.Peek()
}
