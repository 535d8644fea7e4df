// Package connectsessions makes sessions available to the handlers of Connect
// servers (connectrpc.com/connect): unary calls and streams, over the
// protocols Connect, gRPC and gRPC-Web.
//
//	mux.Handle(shopv1connect.NewShopHandler(shop,
//		connect.WithInterceptors(connectsessions.New(manager))))
//
//	func (s *Shop) Buy(ctx context.Context, req *connect.Request[shopv1.BuyRequest]) (*connect.Response[shopv1.BuyResponse], error) {
//		session, err := sessions.Load(ctx)
//		if err != nil {
//			return nil, err
//		}
//		n, err := Purchases.Update(session, func(n int) int { return n + 1 })
//		…
//	}
//
// Use it instead of Manager.Handler. Handler sees HTTP only, and a gRPC call
// that fails is an HTTP response with status 200. A mux with pages and
// procedures can have both: handlers of procedures use the session of the
// interceptor.
//
// # Logging in
//
// With a *login.Manager, handlers use its methods, and rules protect
// procedures:
//
//	connectsessions.New(auth,
//		connectsessions.RequireLogin(auth, shopv1connect.ShopLoginProcedure))
//
// # What is saved
//
// A unary call, and a stream of requests with one response, saves the session
// when the handler returns, before the response. If the handler returns an
// error of any code, its changes are dropped, as those of an HTTP handler with
// status 500 are; see sessions.Options.SaveOnError. Ended sessions stay ended,
// and what the handler has saved by itself, such as with login.Manager.Login,
// stays saved. A handler that panics saves nothing. A response that says "not
// modified" is no error.
//
// A stream of responses saves the session before its first message. Later
// changes are saved when the handler returns; a new token cannot follow then,
// so renew and log in before the first message. If the handler returns an
// error, the later changes are dropped. A stream that runs long asks
// [login.Manager.Fresh] from time to time whether the user is still signed in.
//
// If the time of a call is over before its response begins, nothing is saved.
//
// # Tokens
//
// Calls bring the token as sessions.Options.Transports say. New tokens come with
// the header of the response, also with an error. Browsers, and Go clients whose
// [http.Client] has a cookie jar, need no more. With [sessions.Bearer], send
// the header Authorization, and read the header X-Session-Token of the response
// or of [connect.Error.Meta]; a page of another origin can read that if the
// server exposes it by CORS.
//
// A *login.Manager refuses calls of other sites that may bring a cookie. For a
// *sessions.Manager put [http.CrossOriginProtection] around the mux.
//
// # Errors
//
// Errors of packages sessions and login become errors of Connect, whether the
// interceptor or a handler returns them. Their messages show nothing internal,
// and [errors.Is] finds the cause in interceptors outside. An error to which a
// handler has given a code keeps it.
//
//	CodeUnauthenticated     login.ErrAnonymous, ErrNotRecent, ErrCredentials, ErrNoUser
//	CodePermissionDenied    login.ErrForbidden; sessions.ErrRefused because of the call's origin
//	CodeResourceExhausted   sessions.ErrRefused because of BeforeCreate; sessions.ErrTooLarge
//	CodeFailedPrecondition  login.ErrMaxSessions
//	CodeAborted             sessions.ErrConflict; sessions.ErrNotFound: the session ended or changed during the call
//	CodeUnavailable         sessions.ErrUnavailable; login.ErrBackend, ErrBusy
//	CodeDeadlineExceeded    the call's time was over before its response began
//	CodeInternal            sessions.ErrHeadersSent, ErrNoSession, ErrCorrupt, a CodecError
//
// Return an error of your own instead of sessions.ErrNotFound if a handler
// revokes a session that is not there.
package connectsessions
