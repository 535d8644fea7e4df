package connectsessions

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/url"

	"connectrpc.com/connect"

	"github.com/gosessions/sessions"
)

// Manager is a *sessions.Manager or a *login.Manager.
type Manager interface {
	BeginRequest(*http.Request) (context.Context, *sessions.Exchange)
}

// New returns an interceptor that gives handlers a session: they get it with
// [sessions.Load]. If m is a *login.Manager, they get the user as well, and
// calls that another site sends are refused.
//
// Rules are asked in their order before the handler. The first error refuses
// the call.
//
// The interceptor is safe for concurrent use. It has no effect on clients.
// Applying the same manager twice begins one session; the rules of both count.
func New(m Manager, rules ...Rule) connect.Interceptor { return &interceptor{m, rules} }

type interceptor struct {
	m     Manager
	rules []Rule
}

// WrapStreamingClient returns next.
func (i *interceptor) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// WrapUnary puts an exchange around a call.
func (i *interceptor) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (resp connect.AnyResponse, err error) {
		info, ok := connect.CallInfoForHandlerContext(ctx)
		if !ok || req.Spec().IsClient {
			return next(ctx, req)
		}
		var unchanged error
		err = i.call(request(ctx, req.Spec(), req.Peer(), req.Header(), req.HTTPMethod()), info.ResponseHeader(), func(c *call) error {
			resp, err = next(c.ctx, req)
			switch {
			case err == nil:
				move(c.header, resp.Header())
			case req.HTTPMethod() == http.MethodGet && connect.IsNotModifiedError(err):
				unchanged, err = err, nil // 304 is no failure
			}
			return err
		})
		if err == nil {
			err = unchanged
		}
		if err != nil {
			return nil, err
		}
		return resp, nil
	}
}

// WrapStreamingHandler puts an exchange around a stream.
func (i *interceptor) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		r := request(ctx, conn.Spec(), conn.Peer(), conn.RequestHeader(), http.MethodPost)
		return i.call(r, conn.ResponseHeader(), func(c *call) error {
			return next(c.ctx, &stream{conn, c})
		})
	}
}

// call runs the handler f in an exchange. header is that of the response.
func (i *interceptor) call(r *http.Request, header http.Header, f func(*call) error) error {
	if m, ok := i.m.(interface{ CheckOrigin(*http.Request) error }); ok {
		if err := m.CheckOrigin(r); err != nil {
			return coded(err)
		}
	}
	ctx, x := i.m.BeginRequest(r)
	c := &call{ctx: ctx, x: x, header: header}
	return c.run(func() error {
		for _, rule := range i.rules {
			if err := rule(ctx, r.RequestURI); err != nil {
				return err
			}
		}
		return f(c)
	})
}

// request returns a call as what it is on the wire: an HTTP request.
func request(ctx context.Context, spec connect.Spec, peer connect.Peer, header http.Header, method string) *http.Request {
	r := &http.Request{
		Method:     method,
		URL:        &url.URL{Path: spec.Procedure},
		RequestURI: spec.Procedure,
		Header:     header,
		Host:       header.Get("Host"), // which connect puts there
		RemoteAddr: peer.Addr,
		TLS:        new(tls.ConnectionState), // nobody knows; so no event says that the cookie gets lost
	}
	return r.WithContext(ctx)
}

// move moves header fields, so that what the exchange adds fits all of them.
func move(to, from http.Header) {
	for name, values := range from {
		to[name] = append(to[name], values...)
		delete(from, name)
	}
}
