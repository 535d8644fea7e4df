package grpcsessions

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/gosessions/sessions"
)

// Manager is a *sessions.Manager or a *login.Manager.
type Manager interface {
	BeginRequest(*http.Request) (context.Context, *sessions.Exchange)
}

// Unary returns an interceptor that gives handlers of unary calls a session:
// they get it with [sessions.Load]. If m is a *login.Manager, they get the user
// as well, and calls that a page of another site sends through a proxy are
// refused.
//
// Rules are asked in their order before the handler. The first error refuses
// the call.
//
// The interceptor is safe for concurrent use. Applying the same manager twice
// begins one session; the rules of both count.
func Unary(m Manager, rules ...Rule) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
		err = run(ctx, m, rules, info.FullMethod, unary{ctx}, func(c *call) error {
			resp, err = handler(c.ctx, req)
			return err
		})
		if err != nil {
			return nil, err
		}
		return resp, nil
	}
}

// Stream returns an interceptor that does for streams what [Unary] does for
// unary calls.
func Stream(m Manager, rules ...Rule) grpc.StreamServerInterceptor {
	return func(server any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		return run(ss.Context(), m, rules, info.FullMethod, ss, func(c *call) error {
			return handler(server, &stream{ss, c})
		})
	}
}

// run runs the handler f of a method in an exchange.
func run(ctx context.Context, m Manager, rules []Rule, method string, resp response, f func(*call) error) error {
	r := request(ctx, method)
	if m, ok := m.(interface{ CheckOrigin(*http.Request) error }); ok {
		if err := m.CheckOrigin(r); err != nil {
			return coded(err)
		}
	}
	ctx, x := m.BeginRequest(r)
	c := &call{ctx: ctx, x: x, resp: resp}
	return c.run(func() error {
		for _, rule := range rules {
			if err := rule(ctx, method); err != nil {
				return err
			}
		}
		return f(c)
	})
}

// request returns a call as what it is on the wire: an HTTP request.
func request(ctx context.Context, method string) *http.Request {
	r := &http.Request{
		Method:     http.MethodPost,
		URL:        &url.URL{Path: method},
		RequestURI: method,
		Header:     make(http.Header),
		TLS:        new(tls.ConnectionState), // nobody knows; so no event says that the cookie gets lost
	}
	fields, _ := metadata.FromIncomingContext(ctx)
	for name, values := range fields {
		if !strings.HasPrefix(name, ":") {
			r.Header[http.CanonicalHeaderKey(name)] = values
		} else if name == ":authority" && len(values) > 0 {
			r.Host = values[0]
		}
	}
	if p, ok := peer.FromContext(ctx); ok && p.Addr != nil {
		r.RemoteAddr = p.Addr.String()
	}
	return r.WithContext(ctx)
}
