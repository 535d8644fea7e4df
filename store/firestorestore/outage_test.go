package firestorestore_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gosessions/sessions/internal/scenario"
	"github.com/gosessions/sessions/internal/testserver"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/firestorestore"
)

// hasty is a store for a test that cannot wait as long as a visitor can while
// the server is down: the client repeats calls until their context ends.
type hasty struct {
	st   *firestorestore.Store
	down atomic.Bool
}

func (h *hasty) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if h.down.Load() {
		return context.WithTimeout(ctx, 50*time.Millisecond)
	}
	return ctx, func() {}
}

func (h *hasty) Create(ctx context.Context, r store.Record) error {
	ctx, stop := h.limit(ctx)
	defer stop()
	return h.st.Create(ctx, r)
}

func (h *hasty) Load(ctx context.Context, id string) (store.Record, error) {
	ctx, stop := h.limit(ctx)
	defer stop()
	return h.st.Load(ctx, id)
}

func (h *hasty) Save(ctx context.Context, r store.Record) error {
	ctx, stop := h.limit(ctx)
	defer stop()
	return h.st.Save(ctx, r)
}

func (h *hasty) Delete(ctx context.Context, id string) error {
	ctx, stop := h.limit(ctx)
	defer stop()
	return h.st.Delete(ctx, id)
}

// outage plays one, while the store waits less.
func outage(t *testing.T, st *firestorestore.Store, stop, start func()) {
	h := &hasty{st: st}
	scenario.Outage(t, func(*testing.T) store.Store { return h },
		func() { stop(); h.down.Store(true) }, func() { start(); h.down.Store(false) })
}

// TestConnectionsThatFail: visitors get 503, nothing that was acknowledged is
// lost, and it works again afterwards.
func TestConnectionsThatFail(t *testing.T) {
	for name, stop := range map[string]func(*testserver.Proxy){
		"refused":      (*testserver.Proxy).Refuse,
		"half open":    (*testserver.Proxy).Silence,
		"answers lost": func(p *testserver.Proxy) { p.Deafen(); p.Cut() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they wait
			proxy := testserver.NewProxy(t, server(t))
			st := open(t, connect(t, proxy.Address), options())
			outage(t, st, func() { stop(proxy) }, proxy.Pass)
		})
	}
}

// TestServerThatFails answers, but not with what was asked for.
func TestServerThatFails(t *testing.T) {
	fails := func(code codes.Code) error { return status.Error(code, "injected") }
	for name, how := range map[string]struct{ before, after error }{
		"throttles":               {before: fails(codes.ResourceExhausted)},
		"gives up for contention": {before: fails(codes.Aborted)},
		"fails before it writes":  {before: fails(codes.Internal)},
		"fails after it wrote":    {after: fails(codes.Internal)},
		"throttles what it wrote": {after: fails(codes.ResourceExhausted)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := new(wire)
			st := open(t, connect(t, server(t), w.options()...), options())
			outage(t, st, func() { w.breaks(-1, how.before, how.after) }, func() { w.breaks(0, nil, nil) })
		})
	}
}

// TestCallThatIsCancelled says so, though gRPC has an error of its own for it.
func TestCallThatIsCancelled(t *testing.T) {
	w := new(wire)
	proxy := testserver.NewProxy(t, server(t))
	st := open(t, connect(t, proxy.Address, w.options()...), options())
	ok(t, st.Create(t.Context(), record("a")))
	proxy.Silence()
	w.took()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- st.Save(ctx, record("a")) }()
	until(t, "the call is under way", func() bool { return len(w.took()) > 0 })
	cancel()
	err := <-done
	wants(t, "Save", err, "canceled")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Save that is cancelled: %v", err)
	}
}

// TestServerThatIsSilent: calls end with their context, and the client is of
// use afterwards.
func TestServerThatIsSilent(t *testing.T) {
	proxy := testserver.NewProxy(t, server(t))
	st := open(t, connect(t, proxy.Address), options())
	ok(t, st.Create(t.Context(), record("a")))
	proxy.Silence()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begin := time.Now()
	for op, err := range everything(ctx, st, "a") {
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v, want that the deadline was exceeded", op, err)
		}
		wants(t, op, err)
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("seven errors took %v, want about 100 ms", took)
	}
	proxy.Pass()
	ok(t, st.Create(t.Context(), record("b")))
}
