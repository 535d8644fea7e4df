// Package sessions gives net/http handlers typed sessions.
//
// A session keeps values about one visitor between requests. The values live
// in a store; the visitor's cookie holds a token that stands for them. A key
// has a type, and is a constant:
//
//	const Counter = sessions.Key[int]("counter")
//
// A [Manager] is middleware. It looks after cookies, and saves what handlers
// change:
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
// [Session] is the foundation: values under string keys, which a [Codec]
// turns into bytes. [Key] adds the type. [Key.Open] and [Handle] give a
// [Typed], whose Data is a struct that is saved if it changed; [Wrap] makes
// the whole session one struct.
//
// # What costs a store operation
//
// A request that does not ask for its session costs none, and a visitor who
// has no session costs none until something is set. The first [Load] of a
// request reads the record. From then on all happens in memory, so that a
// store that is down shows in one place and not behind every Get: only
// [Session.Save], [Session.Reload] and [Key.Claim] do I/O, which is why they
// take a context. What has changed is written once, before the response
// begins; if that fails, the response is an error page, for nobody must
// believe what was not saved.
//
// # Requests at the same time
//
// Two requests of one visitor often run in parallel. A save compares the
// version of the record, and if another request was faster, this one's
// changes are made again on the newer record. So changes of different keys
// are never lost, the last change of one key wins, and [Key.Update] and the
// fields of a [Typed] struct merge. A session that was destroyed never comes
// back, whatever was under way.
//
// # Logging in and out
//
// Call [Session.SetSubject] when somebody logs in: the session gets a new
// token, and the old one is dead, so that a token that was planted before is
// worth nothing. [Session.Renew] does the same for other changes of
// privilege. [Session.Destroy] logs out; [Manager.RevokeAll] does so
// everywhere.
//
// # Security
//
// The zero [Options] are the secure ones: a cookie named __Host-id, Secure,
// HttpOnly, SameSite=Lax, a token with 160 random bits of which the store
// keeps a hash, sessions that end after an hour without use and after a day
// in any case. What takes Secure or HttpOnly off the cookie has Insecure in its
// name. Who can write to the store can write sessions; who can only read it
// cannot use them.
package sessions
