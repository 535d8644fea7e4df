package connectsessions_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/connectsessions"
	"github.com/gosessions/sessions/store/memstore"
)

const (
	counter   = sessions.Key[int]("counter")
	procedure = "/test.Visits/Count"
)

// newManager returns a manager with a Secure cookie, and a function that
// returns the kinds of its events.
func newManager(t *testing.T) (*sessions.Manager, func() []sessions.EventKind) {
	t.Helper()
	var kinds []sessions.EventKind
	manager, err := sessions.New(new(memstore.Store), sessions.Options{
		OnEvent: func(_ context.Context, e sessions.Event) { kinds = append(kinds, e.Kind) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return manager, func() []sessions.EventKind { return kinds }
}

// handler returns a procedure that counts, and then calls f.
func handler(f func() (*connect.Response[text], error), options ...connect.HandlerOption) http.Handler {
	return connect.NewUnaryHandler(procedure, func(ctx context.Context, _ *connect.Request[text]) (*connect.Response[text], error) {
		s, err := sessions.Load(ctx)
		if err != nil {
			return nil, err
		}
		if _, err := counter.Update(s, func(n int) int { return n + 1 }); err != nil {
			return nil, err
		}
		return f()
	}, options...)
}

// TestFailedCallWithinManagerHandler saves nothing, although a call of gRPC that
// fails is an HTTP response with status 200.
func TestFailedCallWithinManagerHandler(t *testing.T) {
	for _, protocol := range []connect.ClientOption{connect.WithClientOptions(), connect.WithGRPC(), connect.WithGRPCWeb()} {
		manager, kinds := newManager(t)
		transport, url := serve(t, manager.Handler(handler(func() (*connect.Response[text], error) {
			return nil, connect.NewError(connect.CodeNotFound, errors.New("no such thing"))
		}, connect.WithInterceptors(connectsessions.New(manager)))))
		_, header, err := client(transport, url, protocol).Call(t.Context(), procedure, nil, "")
		if connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("the call: %v", err)
		}
		if diff := cmp.Diff([]string(nil), header.Values("Set-Cookie")); diff != "" {
			t.Errorf("cookies (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]sessions.EventKind(nil), kinds()); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	}
}

// TestCookieIsNotReportedAsLost: whether TLS is in front, the interceptor cannot
// know.
func TestCookieIsNotReportedAsLost(t *testing.T) {
	manager, kinds := newManager(t)
	transport, url := serve(t, handler(func() (*connect.Response[text], error) {
		return connect.NewResponse(new(text)), nil
	}, connect.WithInterceptors(connectsessions.New(manager))))
	if _, _, err := client(transport, url).Call(t.Context(), procedure, nil, ""); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]sessions.EventKind{sessions.EventCreated}, kinds()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// TestResponseWithATokenIsNotCached, even if the handler allows it.
func TestResponseWithATokenIsNotCached(t *testing.T) {
	manager, _ := newManager(t)
	transport, url := serve(t, handler(func() (*connect.Response[text], error) {
		resp := connect.NewResponse(new(text))
		resp.Header().Set("Cache-Control", "max-age=60")
		resp.Header().Set("Surrogate-Control", "max-age=60")
		return resp, nil
	}, connect.WithInterceptors(connectsessions.New(manager))))
	_, header, err := client(transport, url).Call(t.Context(), procedure, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{"Cache-Control": header["Cache-Control"], "Surrogate-Control": header["Surrogate-Control"], "Vary": header["Vary"]}
	want := map[string][]string{"Cache-Control": {"no-store"}, "Surrogate-Control": nil, "Vary": {"Cookie"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
}

// TestNotModifiedIsNoFailure: a GET whose response is 304 saves its changes.
func TestNotModifiedIsNoFailure(t *testing.T) {
	manager, _ := newManager(t)
	transport, url := serve(t, handler(func() (*connect.Response[text], error) {
		return nil, connect.NewNotModifiedError(http.Header{"Etag": {`"1"`}})
	}, connect.WithInterceptors(connectsessions.New(manager)), connect.WithIdempotency(connect.IdempotencyNoSideEffects)))
	counts := connect.NewClient[text, text](&http.Client{Transport: transport}, url+procedure,
		connect.WithHTTPGet(), connect.WithIdempotency(connect.IdempotencyNoSideEffects))
	_, err := counts.CallUnary(t.Context(), connect.NewRequest(new(text)))
	if !connect.IsNotModifiedError(err) {
		t.Fatalf("the call: %v", err)
	}
	var unchanged *connect.Error
	if errors.As(err, &unchanged) && unchanged.Meta().Get("Set-Cookie") == "" {
		t.Error("no cookie")
	}
}

// TestInterceptorOutsideSeesTheCause of an error, which the client does not.
func TestInterceptorOutsideSeesTheCause(t *testing.T) {
	manager, _ := newManager(t)
	var seen error
	transport, url := serve(t, connect.NewUnaryHandler(procedure, func(context.Context, *connect.Request[text]) (*connect.Response[text], error) {
		return nil, sessions.ErrTooLarge
	}, connect.WithInterceptors(connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			resp, err := next(ctx, req)
			seen = err
			return resp, err
		}
	}), connectsessions.New(manager))))
	_, _, err := client(transport, url).Call(t.Context(), procedure, nil, "")
	if !errors.Is(seen, sessions.ErrTooLarge) {
		t.Errorf("the interceptor sees %v", seen)
	}
	if want := "resource_exhausted: the session is too large"; err == nil || err.Error() != want {
		t.Errorf("the client sees %v, want %s", err, want)
	}
}

// TestClientsCanHaveTheInterceptor, which does nothing there.
func TestClientsCanHaveTheInterceptor(t *testing.T) {
	manager, _ := newManager(t)
	both := connect.WithInterceptors(connectsessions.New(manager))
	transport, url := serve(t, handler(func() (*connect.Response[text], error) {
		return connect.NewResponse(wrapperspb.String("counted")), nil
	}, both))
	answer, _, err := client(transport, url, both).Call(t.Context(), procedure, nil, "")
	if answer != "counted" || err != nil {
		t.Errorf("got %q, %v", answer, err)
	}
}
