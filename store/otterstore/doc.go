// Package otterstore keeps session records in the memory of the process,
// never more than a bound allows, for programs of one process that may lose
// sessions. It is a thin layer over the cache github.com/maypok86/otter, whose
// policy is W-TinyLFU.
//
//	st, err := otterstore.New(otterstore.Options{MaxBytes: 512 << 20})
//
// # Live sessions are evicted
//
// When the bound is reached, the store evicts records, and they may be live. The
// visitor is then logged out, and gets an empty session at the next request. An
// evicted record is gone as if it had been deleted: Load returns
// store.ErrNotFound, Save and Touch return store.ErrConflict, and nothing brings
// it back. [Store.Evicted] counts evictions, and Options.OnEvict names the
// records. Watch one of the two, and raise the bound if there are any. Records
// that had expired are not counted.
//
// The policy prefers records that are used often to new ones that were used once.
// So visitors without cookies mostly evict each other's sessions. This holds
// while they send no more requests than regular visitors, and while the machine
// is not overloaded. During a flood, a visitor may lose a session that is a few
// seconds old.
//
// Package memstore never evicts: with MaxRecords, a full store refuses new
// sessions with an error. Choose the one that suits your visitors.
//
// # What it does
//
// Each method is one atomic step, as package store demands. Small tasks after
// writes keep the bound, so recent writes may exceed it for a moment. Writes also
// remove expired records, so there is no Sweep.
package otterstore
