// Package lazy computes a value when it is first asked for.
package lazy

import (
	"errors"
	"sync"
	"sync/atomic"
)

// ErrClosed is returned by Get after Close.
var ErrClosed = errors.New("closed")

// Value holds a value that is made by the first call of Get that succeeds.
// The zero Value is empty. It is safe for use by several goroutines; callers
// that come while the value is being made wait for it.
type Value[T any] struct {
	state atomic.Uint32 // made also says that v does not change any more
	v     T
	mu    sync.Mutex // held while a value is being made
}

const (
	empty uint32 = iota
	making
	made
	closed // without a value
	over   // closed, with a value
)

// Get returns the kept value, or makes it. A failure is returned and
// forgotten, so that the next call tries again.
func (l *Value[T]) Get(make func() (T, error)) (T, error) {
	if l.state.Load() == made {
		return l.v, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var none T
	switch s := l.state.Load(); {
	case s == made:
		return l.v, nil
	case s >= closed, s == empty && !l.state.CompareAndSwap(empty, making):
		return none, ErrClosed
	}
	v, err := make() // if it panics, the state stays making, which holds nobody up
	if err != nil {
		l.state.Store(empty)
		return none, err
	}
	l.v = v
	l.state.Store(made)
	return v, nil
}

// Peek returns the kept value, if there is one, also after Close.
func (l *Value[T]) Peek() (v T, ok bool) {
	if s := l.state.Load(); s == made || s == over {
		return l.v, true
	}
	return v, false
}

// Close waits for a value that is being made. From then on Get has none. The
// first call returns what there is.
func (l *Value[T]) Close() (v T, ok bool) {
	switch s := l.state.Load(); {
	case s == made && l.state.CompareAndSwap(made, over):
		return l.v, true
	case s >= closed, s == empty && l.state.CompareAndSwap(empty, closed):
		return v, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state.CompareAndSwap(made, over) {
		return l.v, true
	}
	if l.state.Load() < made {
		l.state.Store(closed)
	}
	return v, false
}
