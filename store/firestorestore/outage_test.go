package firestorestore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
)

// TestConnectionsThatFail: visitors get 503, nothing that was acknowledged is
// lost, and it works again afterwards.
func TestConnectionsThatFail(t *testing.T) {
	t.Parallel() // it waits
	for name, stop := range map[string]func(*testserver.Proxy){
		"refused":      (*testserver.Proxy).Refuse,
		"half open":    (*testserver.Proxy).Silence,
		"answers lost": func(p *testserver.Proxy) { p.Deafen(); p.Cut() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := testserver.NewProxy(t, server(t))
			st := open(t, connect(t, proxy.Address), options())
			scenario.Outage(t, func(*testing.T) store.Store { return st }, func() { stop(proxy) }, proxy.Pass)
		})
	}
}

// TestServerThatFails answers, but not with what was asked for.
func TestServerThatFails(t *testing.T) {
	t.Parallel() // it waits
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
			scenario.Outage(t, func(*testing.T) store.Store { return st },
				func() { w.breaks(-1, how.before, how.after) }, func() { w.breaks(0, nil, nil) })
		})
	}
}

// TestCallThatIsCanceled says so, though gRPC has an error of its own for it.
func TestCallThatIsCanceled(t *testing.T) {
	w := new(wire)
	proxy := testserver.NewProxy(t, server(t))
	st := open(t, connect(t, proxy.Address, w.options()...), options())
	ok(t, st.Create(t.Context(), record("a")))
	proxy.Silence()
	w.took()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- st.Save(ctx, record("a")) }()
	testserver.Until(t, 30*time.Second, "the call is under way", func() bool { return len(w.took()) > 0 })
	cancel()
	err := <-done
	wants(t, "Save", err, "canceled")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Save that is canceled: %v", err)
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
