// Package deadline makes contexts whose timer starts only when somebody
// waits for it. A store that answers from memory never does, and then a
// timeout costs one small allocation and no timer.
package deadline

import (
	"context"
	"sync"
	"time"
)

// Context is a context that ends at its deadline. Call Stop when done with
// it.
type Context struct {
	parent   context.Context
	at       time.Time
	detached bool

	mu      sync.Mutex
	waited  context.Context // set once Done was called
	stop    context.CancelFunc
	stopped bool
}

// New returns a context that ends with parent or after d.
func New(parent context.Context, d time.Duration) *Context {
	return &Context{parent: parent, at: time.Now().Add(d)}
}

// Detach returns a context with parent's values that ends after d, whatever
// becomes of parent.
func Detach(parent context.Context, d time.Duration) *Context {
	c := New(parent, d)
	c.detached = true
	return c
}

// Stop ends the context and releases its timer.
func (c *Context) Stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	if c.stop != nil {
		c.stop()
	}
}

// Deadline returns when the context ends at the latest.
func (c *Context) Deadline() (time.Time, bool) {
	if !c.detached {
		if at, ok := c.parent.Deadline(); ok && at.Before(c.at) {
			return at, true
		}
	}
	return c.at, true
}

// Done returns a channel that is closed when the context ends.
func (c *Context) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waited == nil {
		parent := c.parent
		if c.detached {
			parent = context.WithoutCancel(parent)
		}
		c.waited, c.stop = context.WithDeadline(parent, c.at)
		if c.stopped {
			c.stop()
		}
	}
	return c.waited.Done()
}

// Err says why the context has ended, or nil.
func (c *Context) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.waited != nil:
		return c.waited.Err()
	case c.stopped:
		return context.Canceled
	case !c.detached && c.parent.Err() != nil:
		return c.parent.Err()
	case !time.Now().Before(c.at):
		return context.DeadlineExceeded
	}
	return nil
}

// Value returns parent's value.
func (c *Context) Value(key any) any { return c.parent.Value(key) }
