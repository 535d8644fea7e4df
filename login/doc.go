// Package login says who a visitor is, what they may do, and where else they
// are signed in, on top of package sessions. The users are the application's
// own: their type, how they prove who they are, and where they are kept.
//
//	auth, err := login.New(manager, users, login.Options{HashKeys: keys, LoginURL: "/login"})
//	mux.Handle("GET /account", auth.HandlerFunc(func(w http.ResponseWriter, r *http.Request, u User) { … }))
//	mux.Handle("GET /admin", permissions.Require("admin")(admin))
//	http.ListenAndServe(addr, auth.Handler(mux))
//
// [Manager.Authenticate] finds the user of some credentials, [Manager.Login]
// signs them in and [Manager.Logout] out, [Manager.User] is who the visitor is.
// Only what asks for the visitor loads anything: once per request the session,
// and the user from the [Backend].
//
// # What holds
//
// A login always makes a new token, and what it adds is never stored under the
// old one, so that a token which somebody else has planted gains nothing. A
// login as somebody else starts clean, a logout ends the session in the store
// before it returns. Each of Login, Confirm, UpdateAuthHash and Logout is
// stored when it returns nil; if it returns an error, answer by
// [Manager.Error].
//
// A session keeps an HMAC of its user's auth hash. When that changes, with the
// password or a second factor, the user's sessions end at their next request,
// but for the one that called [Manager.UpdateAuthHash]. The same holds when the
// user is gone.
//
// Sign in and out by POST: [Manager.Handler] refuses POST requests of other
// sites (http.CrossOriginProtection). It lets GET requests pass, also those
// that open a WebSocket: a handler of these must check the Origin itself.
// Responses to users who are signed in are Cache-Control: no-store, unless they
// say otherwise. Chromium may keep a page for its back button even so, past a
// logout: examples/login shows how Clear-Site-Data makes it forget.
//
// How often somebody may try passwords is for the application to bound, by
// address and by user name, before it calls Authenticate: [Passwords] bounds
// only how many are checked at a time.
package login
