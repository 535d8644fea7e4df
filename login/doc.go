// Package login adds users to package sessions: who a visitor is, what they may
// do, and where else they are signed in. The users are the application's own:
// their type, their credentials, and where they are stored.
//
//	auth, err := login.New(manager, users, login.Options{HashKeys: keys, LoginURL: "/login"})
//	mux.Handle("GET /account", auth.HandlerFunc(func(w http.ResponseWriter, r *http.Request, u User) { … }))
//	mux.Handle("GET /admin", permissions.Require("admin")(admin))
//	http.ListenAndServe(addr, auth.Handler(mux))
//
// [Manager.Authenticate] checks credentials, [Manager.Login] signs a user in,
// [Manager.Logout] signs them out, and [Manager.User] returns who is signed in.
// Nothing is loaded until a handler asks: then the session once per request,
// and the user from the [Backend].
//
// # Guarantees
//
// Login, [Manager.Confirm] and [Manager.ChangeAuthHash] give the session a new
// token, and the token before is dead at once. So a token that an attacker has
// planted or stolen gains nothing by them, and a request that was under way on
// it can change nothing any more. A login as another user starts without
// values. Each of these calls, and Logout, is stored when it returns nil. If it
// returns an error, answer with [Manager.Error].
//
// A session stores an HMAC of its user's auth hash. When the auth hash changes,
// with the password or a second factor, the user's sessions end at their next
// request, except the one that called ChangeAuthHash. They also end when the
// user is gone.
//
// # Streams
//
// User keeps its answer for the whole request. A stream or another handler that
// runs long must call [Manager.Fresh] from time to time: it reads the session
// and asks the backend again, and so notices a logout, a revocation, another
// login or a change of password.
//
// # Other sites and caches
//
// Sign in and out with POST: [Manager.Handler] refuses POST requests of other
// sites (http.CrossOriginProtection). It lets GET requests pass, including
// those that open a WebSocket, so the handler of a WebSocket must check the
// Origin header itself.
//
// Responses to users who are signed in have Cache-Control: no-store, unless the
// handler sets the header. Chromium may still keep a page for its back button
// past a logout; examples/login shows how Clear-Site-Data removes it.
//
// # Events
//
// Options.OnEvent gets what happens to logins. An [Event] can be logged as it
// is:
//
//	OnEvent: func(ctx context.Context, e login.Event) { slog.InfoContext(ctx, "login", "event", e) },
//
// It names the user, the session, the address, and who ended a session. If the
// credentials are an [AccountNamer], it also names the account of a sign-in that
// was refused.
//
// # Guessing passwords
//
// The application limits how often passwords are tried, by address and by user
// name, before it calls Authenticate. [Passwords] only limits how many are
// checked at the same time and how many wait; beyond that it returns
// [ErrBusy].
package login
