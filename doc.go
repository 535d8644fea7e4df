// Package sessions gives net/http handlers typed sessions.
//
// A session keeps values about one visitor between requests. The values live in
// a store, and the visitor's browser holds a token in a cookie. A key has a type
// and is a constant:
//
//	const Counter = sessions.Key[int]("counter")
//
// A [Manager] is middleware. It loads sessions, saves what handlers change, and
// sends tokens:
//
//	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
//	...
//	mux.Handle("GET /{$}", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
//		n, err := Counter.Update(s, func(n int) int { return n + 1 })
//		...
//	}))
//	http.ListenAndServe(addr, manager.Handler(mux))
//
// # Values
//
// [Session] keeps values under string keys, and a [Codec] turns them into bytes.
// [Key] adds the type. [Key.Open] and [Key.HandlerFunc] give a [Typed], whose
// Data is a struct that is saved if it changed. [Wrap] makes the whole session
// one struct.
//
// # When the store is asked
//
// A request that does not ask for its session costs no store operation. The
// first [Load] of a request reads the record. A visitor without a session costs
// nothing until a handler sets a value.
//
// After Load everything happens in memory. Only [Session.Save],
// [Session.Reload] and [Key.Claim] do I/O, so only they take a context. A store
// that is down shows in one place and not behind every Get.
//
// Changes are written once, before the response begins. If the write fails, the
// response is an error page, so no page claims something that was not saved.
//
// # Parallel requests
//
// Requests of one visitor often run in parallel. A save compares the version of
// the record. If another request was faster, this request's changes are applied
// again to the newer record:
//
//   - If two requests change different keys, both changes survive.
//   - If two requests set the same key, the last one wins.
//   - [Key.Update], [Key.TryUpdate] and the fields of a [Typed] struct merge.
//
// A save never creates a record, so a session that has ended never comes back.
//
// # Logging in and out
//
// Call [Session.SetSubject] when you have verified who the visitor is:
//
//	if err := s.SetSubject(user.ID); err != nil {
//		...
//	}
//
// The session keeps its ID and its values. It gets a new token and a new
// lifetime, and the token before is dead at once. So a token that an attacker
// planted in the browser before the login opens nothing after it.
//
// A request that loaded the session before the login can save nothing
// afterwards: its changes are dropped and reported as an [EventGone]. A request
// that still brings the dead token for a moment, and wants to save, is answered
// with 409.
//
// Call SetSubject again after every other change of privilege, such as a second
// factor or a new password. [Session.Destroy] logs out. [Manager.Revoke] and
// [Manager.RevokeAll] end sessions on other devices. Ending a session wins:
// writes and renewals that are under way can neither delay nor undo it.
//
// # Renewing the token
//
// A session has one ID for its whole life, and one current token.
// [Session.Renew] and Options.RenewEvery replace the token and keep the rest. The
// token before then stays good for reading and writing values until the new one
// has been in use for Options.RenewGrace.
//
// So parallel requests all succeed, and a response that is lost on the way loses
// no session. Only a request with the current token can get a new one. A token
// that is used after its time is an [EventReused]; with Options.EndOnReuse it
// ends the session.
//
// # Transports
//
// Options.Transports says where requests carry the token: in the cookie, as a
// bearer token, or in a header of your choice. Pages and scripts can share one
// manager:
//
//	sessions.Options{Transports: []sessions.Transport{sessions.Cookie(), sessions.Bearer()}}
//
// A response answers in the transport that brought the token. No transport uses
// a URL or a form, because those end up in logs. [Session.TakeReply] gives the
// token to a handler that puts it into a JSON body. [Session.NewTicket] makes a
// one-time ticket for a WebSocket or an EventSource that cannot send headers.
//
// Servers that are not net/http use an [Exchange]: [Manager.BeginRequest] reads
// the token where the transports say, and [Exchange.Respond] saves the session
// and completes the header of the response. [Manager.Begin] takes the token
// itself, and the [Reply] of [Exchange.Commit] says what to tell the client.
// Jobs use [Manager.Find] with a session's ID, or [Manager.Open] with its token.
//
// # Security
//
// The zero [Options] are secure. The cookie is named __Host-id and is Secure,
// HttpOnly and SameSite=Lax. The token has 160 random bits, and the store keeps
// only a hash of it. Sessions end after one hour without use, and after one day
// in any case. Options that weaken the cookie have Insecure in their name.
//
// Anyone with write access to the store can make sessions. Anyone with read
// access sees the values, but no token.
package sessions
