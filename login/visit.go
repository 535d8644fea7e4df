package login

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"github.com/gosessions/sessions/internal/respond"
)

// visit is one request on its way through a Manager: the context that the
// handler sees, its response writer, and who the visitor is once that is asked
// for.
type visit[U User] struct {
	context.Context
	key visiting
	w   respond.Writer

	mu      sync.Mutex // held while the backend is asked
	known   bool
	user    U
	ok      bool        // there is one
	grants  map[any]any // by *Permissions, what they found out
	private bool        // somebody was found to be signed in
}

// visiting is the context key of one manager's visit.
type visiting struct{ m any }

// visit returns the visit of a request, or nil.
func (m *Manager[U, C]) visit(ctx context.Context) *visit[U] {
	v, _ := ctx.Value(visiting{m}).(*visit[U])
	return v
}

// Value finds the visit itself, and else what the request's context holds.
func (v *visit[U]) Value(key any) any {
	if k, ok := key.(visiting); ok && k == v.key {
		return v
	}
	return v.Context.Value(key)
}

// Begin keeps what somebody who is signed in is shown out of caches, and so
// off the screen of who comes to the machine next (ASVS 14.3.2).
func (v *visit[U]) Begin(_ int, h http.Header) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.private && len(h["Cache-Control"]) == 0 {
		h.Set("Cache-Control", "no-store")
	}
	return nil
}

// Fail is never called, for Begin never fails.
func (v *visit[U]) Fail(http.ResponseWriter, error) {}

// Pending refuses no hijack.
func (v *visit[U]) Pending() error { return nil }

// settle notes who the visitor is from now on. It needs v.mu.
func (v *visit[U]) settle(u U, ok bool) {
	v.known, v.user, v.ok, v.grants = true, u, ok, nil
	v.private = v.private || ok
}

// apart is a context for the backend: it has no visit, which is locked.
func (m *Manager[U, C]) apart(ctx context.Context) context.Context {
	return unvisited{ctx, visiting{m}}
}

type unvisited struct {
	context.Context
	key visiting
}

func (c unvisited) Value(key any) any {
	if k, ok := key.(visiting); ok && k == c.key {
		return nil
	}
	return c.Context.Value(key)
}

// named returns an error for a user without an id.
func named[U User](u U) error {
	if u.UserID() == "" {
		return fmt.Errorf("%w: it returned a user whose UserID is empty", ErrBackend)
	}
	return nil
}
