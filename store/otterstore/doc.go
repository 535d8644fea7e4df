// Package otterstore keeps session records in the memory of the process,
// never more than a bound allows, for programs of one process that may lose
// sessions. It is a thin layer over the cache github.com/maypok86/otter, whose
// policy is W-TinyLFU.
//
//	st, err := otterstore.New(otterstore.Options{MaxBytes: 512 << 20})
//
// # Live sessions are evicted
//
// When the bound is reached, records go to make room, and they may be live:
// whoever's session it was is logged out, and finds an empty one at the next
// request. An evicted record is gone as if it had been deleted: Load returns
// store.ErrNotFound, Save and Touch return store.ErrConflict, and nothing
// brings it back. Store.Evicted counts these, and Options.OnEvict names them;
// watch one of the two, and raise the bound when it moves. Records that had
// expired are not counted.
//
// The policy prefers what is used often to what is new and was used once. So
// visitors without cookies mostly push out each other's sessions, as long as
// they are not more than the requests of people at work, and the machine is
// not overloaded; who comes during a flood may lose a session that is some
// seconds old.
//
// Package memstore never evicts: with its MaxRecords a full store refuses new
// sessions by an error. Choose what your visitors would rather have.
//
// # What it does
//
// Each method is one atomic step, as package store demands. The bound is kept
// by small tasks after writes, so for moments it is exceeded by what was just
// written. Expired records are removed in passing as others are written, so
// there is no Sweep.
package otterstore
