package cachestore_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store/cachestore"
)

// hub is a Channel in this process.
type hub struct {
	mu        sync.Mutex
	listeners map[*listener]struct{}
	mute      bool                 // messages are lost
	delay     func() time.Duration // of each message; nil: none, it is heard before Publish returns
}

type listener struct {
	receive func(string)
	broken  chan struct{}
}

func newHub() *hub { return &hub{listeners: make(map[*listener]struct{})} }

var errBroken = errors.New("the hub broke")

func (h *hub) Publish(_ context.Context, message string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.mute {
		return nil
	}
	for l := range h.listeners {
		if h.delay == nil {
			l.receive(message)
			continue
		}
		time.AfterFunc(h.delay(), func() {
			select {
			case <-l.broken: // it never arrives
			default:
				l.receive(message)
			}
		})
	}
	return nil
}

func (h *hub) Listen(ctx context.Context, ready func(), receive func(string)) error {
	l := &listener{receive, make(chan struct{})}
	h.mu.Lock()
	h.listeners[l] = struct{}{}
	ready()
	h.mu.Unlock()
	select {
	case <-l.broken:
		return errBroken
	case <-ctx.Done():
		h.mu.Lock()
		delete(h.listeners, l)
		h.mu.Unlock()
		return ctx.Err()
	}
}

// fail breaks all that listen.
func (h *hub) fail() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.listeners {
		close(l.broken)
	}
	clear(h.listeners)
}

// wait returns when all listen again.
func (h *hub) wait(all ...*cachestore.Store) {
	for connected := 0; connected < len(all); <-time.After(time.Millisecond) {
		h.mu.Lock()
		connected = len(h.listeners)
		h.mu.Unlock()
	}
}

func TestBrokenChannelMeansNoCache(t *testing.T) {
	h := newHub()
	backend := &gated{Store: backendOf(t)}
	heard := make(chan error, 10)
	st := open(t, backend, cachestore.Options{Channel: h, OnError: func(err error) { heard <- err }})
	r := fresh(t, st)
	for range 3 {
		sees(t, st, r.ID, 1)
	}
	if n := backend.loads.Load(); n != 3 {
		t.Errorf("before Listen runs the backend was asked %d of 3 times", n)
	}
	listen(t, st)
	sees(t, st, r.ID, 1)
	sees(t, st, r.ID, 1)
	if n := backend.loads.Load(); n != 4 {
		t.Errorf("afterwards the backend was asked %d times of 4", n)
	}

	h.fail()
	if err := <-heard; !errors.Is(err, errBroken) {
		t.Errorf("heard of %v", err)
	}
	ok(t, backend.Delete(t.Context(), r.ID)) // elsewhere, and nobody tells
	sees(t, st, r.ID, 0)
	h.wait(st)
	testserver.Until(t, 20*time.Second, "the cache is used again", st.Ready)
	sees(t, st, r.ID, 0)
}

func TestListenSaysWhyItEnds(t *testing.T) {
	st := open(t, backendOf(t), cachestore.Options{MaxStale: time.Hour})
	if err := st.Listen(t.Context()); err == nil {
		t.Error("Listen without a Channel: no error")
	}
	st = open(t, backendOf(t), cachestore.Options{Channel: newHub()})
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error)
	go func() { first <- st.Listen(ctx) }()
	testserver.Until(t, 20*time.Second, "the cache is used", st.Ready)
	if err := st.Listen(ctx); err == nil || !st.Ready() {
		t.Errorf("a second Listen: %v, ready %v", err, st.Ready())
	}
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) || st.Ready() {
		t.Errorf("Listen: %v, ready %v", err, st.Ready())
	}
}
