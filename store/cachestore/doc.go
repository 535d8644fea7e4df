// Package cachestore puts a cache in front of any store, so that a session
// that is in use is read from the memory of the process.
//
//	st, err := cachestore.New(backend, cachestore.Options{MaxStale: 10 * time.Second})
//
// # What is promised
//
// A process sees its own writes at once: when a save or delete has returned,
// the same Store never serves what was there before, not even by a load that
// had begun earlier and ends late.
//
// What another process wrote may be unseen for at most Options.MaxStale,
// counted from when its write was acknowledged. For that long, a session that
// was logged out or revoked elsewhere may still be let in here, and so may a
// token that a login or a renewal elsewhere has replaced. So MaxStale is a
// decision about security: choose what you would accept as the time that a
// stolen session outlives its revocation. With Options.Channel processes tell
// each other about writes, and it is milliseconds as a rule; MaxStale is then
// the bound for the messages that are lost.
//
// The same holds for a visitor whose requests go to several processes: what
// one has saved, the next may not show yet. Where that matters, let a visitor
// stay with a process. A new token works in every process at once: a manager
// whose cached record does not know it asks the backend, with Refresh.
//
// A stale read never becomes a stale write. Save and Touch compare versions in
// the backend, so a save on what is stale is a store.ErrConflict, after which
// the next load asks the backend; nothing that was deleted comes back. List
// always asks the backend. That a record is missing is never cached.
//
// # When the cache fails
//
// A cache or a channel that fails never fails a call: loads go to the backend.
// If an entry cannot be removed, all entries are worth nothing from then on.
// While the channel is broken nothing is served from the cache, and it begins
// empty when the channel is back. Store.Stats and Options.OnError tell.
//
// A write whose outcome the backend does not know drops the entry.
package cachestore
