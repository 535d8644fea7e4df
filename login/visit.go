package login

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/gosessions/sessions/internal/respond"
)

// visit is one request on its way through a Manager: the context that the
// handler sees, its response writer, and who the visitor is, once a handler has
// asked.
type visit[U User] struct {
	context.Context
	key        any // visiting
	remoteAddr string
	convert    func() *http.Request // for the address, if the request is not of net/http
	w          respond.Writer

	private atomic.Bool           // a user was found to be signed in
	pages   atomic.Pointer[pages] // of the part of the site, or nil

	mu     sync.Mutex // held while the backend is asked
	known  bool
	user   U           // the zero value if nobody is signed in
	ok     bool        // somebody is
	grants map[any]any // the user's permissions, by *Permissions
}

// newVisit returns a new visit, below the context of a request's session.
func (m *Manager[U, C]) newVisit(ctx context.Context, remoteAddr string) *visit[U] {
	return &visit[U]{Context: ctx, key: visiting[U, C]{m}, remoteAddr: remoteAddr}
}

// visiting is the context key of one manager's visit.
type visiting[U User, C any] struct{ m *Manager[U, C] }

// visit returns the visit of a request, or nil.
func (m *Manager[U, C]) visit(ctx context.Context) *visit[U] {
	v, _ := ctx.Value(visiting[U, C]{m}).(*visit[U])
	return v
}

// remoteAddr is the context key of the request's address, also for events that
// are told while the visit is locked.
type remoteAddr struct{}

// Value finds the visit itself, and otherwise what the request's context holds.
func (v *visit[U]) Value(key any) any {
	switch key {
	case v.key:
		return v
	case remoteAddr{}:
		if v.convert != nil {
			return v.convert().RemoteAddr
		}
		return v.remoteAddr
	case respond.Completer{}:
		return v.complete
	}
	return v.Context.Value(key)
}

// complete keeps the pages of users out of caches, so that the next person at
// the machine does not see them (ASVS 14.3.2). It does not wait for a backend
// that another goroutine asks.
func (v *visit[U]) complete(h http.Header) {
	if v.private.Load() && len(h["Cache-Control"]) == 0 {
		h.Set("Cache-Control", "no-store")
	}
}

// Begin completes the header; respond calls it.
func (v *visit[U]) Begin(_ int, h http.Header) error {
	v.complete(h)
	return nil
}

// Fail is never called, because Begin never fails.
func (v *visit[U]) Fail(http.ResponseWriter, error) {}

// Carry returns nothing that must arrive.
func (v *visit[U]) Carry() http.Header { return nil }

// Carried is never called, because nothing must arrive.
func (v *visit[U]) Carried() {}

// Format prints nothing of the request or of the user, for every verb.
func (v *visit[U]) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "login.visit") }

// enter notes that a user is signed in from now on. It needs v.mu.
func (v *visit[U]) enter(u U) {
	v.known, v.user, v.ok, v.grants = true, u, true, nil
	v.private.Store(true)
}

// leave notes that nobody is signed in from now on. It needs v.mu.
func (v *visit[U]) leave() {
	var nobody U
	v.known, v.user, v.ok, v.grants = true, nobody, false, nil
}

// forget makes the next question one to the backend.
func (v *visit[U]) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.leave()
	v.known = false
}

// userID returns the user's id, or "" if none is known to be signed in.
func (v *visit[U]) userID() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.ok {
		return ""
	}
	return v.user.UserID()
}

// apart returns a context for the backend and for observers. It has no visit,
// because that is locked while they run.
func (m *Manager[U, C]) apart(ctx context.Context) context.Context {
	return unvisited{ctx, visiting[U, C]{m}}
}

type unvisited struct {
	context.Context
	key any // visiting
}

func (c unvisited) Value(key any) any {
	if key == c.key {
		return nil
	}
	return c.Context.Value(key)
}

// named returns an error for a user without an id, or none at all.
func named[U User](u U) error {
	if v := reflect.ValueOf(&u).Elem(); (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil() {
		return fmt.Errorf("%w: it returned neither a user nor an error", ErrBackend)
	}
	switch id := u.UserID(); {
	case id == "":
		return fmt.Errorf("%w: it returned a user whose UserID is empty", ErrBackend)
	case !utf8.ValidString(id): // not every store can hold it
		return fmt.Errorf("%w: it returned a user whose UserID %q is not UTF-8", ErrBackend, id)
	}
	return nil
}
