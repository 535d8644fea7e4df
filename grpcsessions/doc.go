// Package grpcsessions makes sessions available to the handlers of gRPC servers
// (google.golang.org/grpc): unary calls and streams.
//
//	manager, err := sessions.New(st, sessions.Options{
//		Transports: []sessions.Transport{sessions.Bearer()},
//	})
//	…
//	server := grpc.NewServer(
//		grpc.ChainUnaryInterceptor(grpcsessions.Unary(manager)),
//		grpc.ChainStreamInterceptor(grpcsessions.Stream(manager)),
//	)
//
//	func (s *Shop) Buy(ctx context.Context, req *shopv1.BuyRequest) (*shopv1.BuyResponse, error) {
//		session, err := sessions.Load(ctx)
//		if err != nil {
//			return nil, err
//		}
//		n, err := Purchases.Update(session, func(n int) int { return n + 1 })
//		…
//	}
//
// # Logging in
//
// With a *login.Manager, handlers use its methods, and rules protect methods:
//
//	users := grpcsessions.RequireLogin(auth, shopv1.Shop_Login_FullMethodName)
//	server := grpc.NewServer(
//		grpc.ChainUnaryInterceptor(grpcsessions.Unary(auth, users)),
//		grpc.ChainStreamInterceptor(grpcsessions.Stream(auth, users)),
//	)
//
// # What is saved
//
// A unary call, and a stream of requests with one response, saves the session
// when the handler returns, before the response. If the handler returns an
// error of any code, its changes are dropped, as those of an HTTP handler with
// status 500 are; see sessions.Options.SaveOnError. Ended sessions stay ended,
// and what the handler has saved by itself, such as with login.Manager.Login,
// stays saved. A handler that panics saves nothing; an interceptor that recovers
// may be inside or outside.
//
// A stream of responses saves the session before its header or first message.
// Later changes are saved when the handler returns; a new token cannot follow
// then, so renew and log in before the first message. If the handler returns an
// error, the later changes are dropped. A stream that runs long asks
// [login.Manager.Fresh] from time to time whether the user is still signed in.
//
// If the time of a call is over before its response begins, nothing is saved.
//
// # Tokens
//
// Calls bring the token in their metadata, as sessions.Options.Transports say.
// With [sessions.Bearer], a client sends "authorization: Bearer TOKEN", and
// keeps the value of x-session-token whenever the header of a response has that
// key; an empty value means to forget the token. An error can come with a token,
// too. The example of this package has an interceptor for clients. With the cookie,
// the keys are cookie and set-cookie; name the transport of clients without a
// token first.
//
// If a handler of a unary call sends the header by itself, with
// [grpc.SendHeader], a new token comes in the trailer.
//
// # Errors
//
// Errors of packages sessions and login become errors of gRPC, whether the
// interceptor or a handler returns them. Their messages show nothing internal,
// and [errors.Is] finds the cause in interceptors outside. An error to which a
// handler has given a status keeps it.
//
//	Unauthenticated     login.ErrAnonymous, ErrNotRecent, ErrCredentials, ErrNoUser
//	PermissionDenied    login.ErrForbidden; sessions.ErrRefused because of the call's origin
//	ResourceExhausted   sessions.ErrRefused because of BeforeCreate; sessions.ErrTooLarge
//	FailedPrecondition  login.ErrMaxSessions
//	Aborted             sessions.ErrConflict; sessions.ErrNotFound: the session ended or changed during the call
//	Unavailable         sessions.ErrUnavailable; login.ErrBackend, ErrBusy
//	DeadlineExceeded    the call's time was over before its response began
//	Internal            sessions.ErrHeadersSent, ErrNoSession, ErrCorrupt, a CodecError
//
// Return an error of your own instead of sessions.ErrNotFound if a handler
// revokes a session that is not there.
package grpcsessions
