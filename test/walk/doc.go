// Package walk tests the package sessions by random walks. It holds only tests.
//
// One walk is one seed. Two or three processes share a store that fails. A few
// browsers send overlapping requests, whose replies arrive late or never. A
// thief tries tokens that he has copied or planted, and an operator lists and
// revokes sessions. Everything runs in a bubble of testing/synctest, so a walk
// of several minutes takes milliseconds. The same seed gives the same walk.
//
// A model follows every change of the store and knows what it may be: which
// edits of which request, on top of what. So a lost, doubled or forged change
// is found when it happens. The rest is judged by what callers were told: an
// acknowledged ending is final, an acknowledged change is in the store, no
// token outlives a change of privilege, no reply hands out a dead token.
//
//	go test ./test/walk -walk.seeds 25000     # about a minute on two cores
//	go test ./test/walk -walk.seed 4711       # one walk, with its trace
//	go test ./test/walk -walk.all             # count the broken rules
//	go test ./test/walk -walk.without claim,late,"create after"
//
// The flag -walk.without leaves out operations (claim), faults (late), faults of
// one store operation ("create after"), all faults (faults), and single places
// of one walk, as a shrunken trace names them. It also switches off a rule:
//
//   - ownuse: a token counts as used only if a request brought it
//   - recreate: no id is created twice
//   - queue: ErrConflict means that others have changed the session
//   - expired: a save at the end of a session's life is not silently lost
//   - claimed destroy: Claim reports a Destroy that failed
//   - zero token: a reply brings a token that some record had
//   - touched: a reply does not bring a token that the request knows is replaced
//   - fork time: a login that begins its own session keeps to SaveTimeout
//
// By default two faults are left out, which no manager can make good: a Create
// that takes effect after the manager has given it up ("create late") or that a
// driver repeats after the session was revoked ("create repeat"). The first
// leaves a record that no token opens, until it expires.
//
// If a walk fails, the test repeats it with parts left out for as long as it
// still breaks the same rule, and prints the trace of the shortest one.
//
// The walk was checked against about thirty engines that were broken on purpose.
// Most broken rules of privilege, replay and ownership show within 10 walks:
// requests that ignore the epoch, tokens that outlive a login, edits that are
// saved twice, records that come back. Rarer schedules need more: a Delete that
// only seems to be done 150, a RevokeAll that stops at an error 300, an update
// that fits no more 300, a write in doubt that is never settled 700, a snapshot
// that is too old for its turn 3000.
package walk
