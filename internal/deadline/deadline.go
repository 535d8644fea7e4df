// Package deadline makes contexts whose timer starts only when somebody
// waits for it. A store that answers from memory never does, and then a
// timeout costs no timer.
package deadline

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Context is a context that ends at its deadline. Make it by Start or Detach,
// once, and call Stop when done with it. It may be part of a larger struct.
type Context struct {
	parent   context.Context
	at       time.Time
	hidden   func(key any) bool
	detached bool

	asked   atomic.Bool
	stopped atomic.Bool // set before waited is read; Done does it the other way round
	waited  atomic.Pointer[waiting]
	mu      sync.Mutex // held while waited is set
}

// waiting is what there is once somebody waits for the end.
type waiting struct {
	context.Context
	stop context.CancelFunc
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
	c.stopped.Store(true)
	if w := c.waited.Load(); w != nil {
		w.stop()
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
	if w := c.waited.Load(); w != nil {
		return w.Done()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.waited.Load()
	if w == nil {
		w = new(waiting)
		parent := c.parent
		if c.detached {
			parent = context.WithoutCancel(parent)
		}
		w.Context, w.stop = context.WithDeadline(parent, c.at)
		c.waited.Store(w)
		if c.stopped.Load() {
			w.stop()
		}
	}
	return w.Done()
}

// Err says why the context has ended, or nil. The first call does not look at
// the clock, as long as nobody waits: it is the store's, before it begins.
func (c *Context) Err() error {
	if w := c.waited.Load(); w != nil {
		return w.Err()
	}
	switch {
	case c.stopped.Load():
		return context.Canceled
	case !c.detached && c.parent.Err() != nil:
		return c.parent.Err()
	case !c.asked.Load():
		c.asked.Store(true)
	case !time.Now().Before(c.at):
		return context.DeadlineExceeded
	}
	return nil
}

// Value returns parent's value, unless it is hidden.
func (c *Context) Value(key any) any {
	if c.hidden != nil && c.hidden(key) {
		return nil
	}
	return c.parent.Value(key)
}
