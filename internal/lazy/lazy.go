// Package lazy computes a value when it is first asked for.
package lazy

import "sync"

// Value holds a value that is made by the first call of Get that succeeds.
// The zero Value is empty. It is safe for use by several goroutines; callers
// that come while the value is being made wait for it.
type Value[T any] struct {
	mu   sync.Mutex
	done bool
	v    T
}

// Get returns the kept value, or makes it. A failure is returned and
// forgotten, so that the next call tries again.
func (l *Value[T]) Get(make func() (T, error)) (T, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done {
		return l.v, nil
	}
	v, err := make()
	if err != nil {
		return v, err
	}
	l.v, l.done = v, true
	return v, nil
}

// Peek returns the kept value, if there is one.
func (l *Value[T]) Peek() (v T, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.v, l.done
}
