// Package deadline makes contexts whose timer starts only when somebody
// waits for it. A store that answers from memory never does, and then a
// timeout costs no timer.
package deadline

import (
	"context"
	"sync"
	"time"
)

// Context is a context that ends at its deadline. Make it by Start or Detach,
// once, and call Stop when done with it. It may be part of a larger struct.
type Context struct {
	parent   context.Context
	at       time.Time
	detached bool
	hidden   func(key any) bool

	mu      sync.Mutex
	asked   bool
	waited  context.Context // set once Done was called
	stop    context.CancelFunc
	stopped bool
}

// Start makes c a context that ends with parent, or at a time. Values under
// hidden keys are not given on; hidden may be nil.
func (c *Context) Start(parent context.Context, at time.Time, hidden func(key any) bool) {
	c.parent, c.at, c.hidden = parent, at, hidden
}

// Detach makes c a context with parent's values that ends at a time, whatever
// becomes of parent.
func (c *Context) Detach(parent context.Context, at time.Time, hidden func(key any) bool) {
	c.Start(parent, at, hidden)
	c.detached = true
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

// Err says why the context has ended, or nil. The first call does not look at
// the clock, as long as nobody waits: it is the store's, before it begins.
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
	case c.asked && !time.Now().Before(c.at):
		return context.DeadlineExceeded
	}
	c.asked = true
	return nil
}

// Value returns parent's value, unless it is hidden.
func (c *Context) Value(key any) any {
	if c.hidden != nil && c.hidden(key) {
		return nil
	}
	return c.parent.Value(key)
}
