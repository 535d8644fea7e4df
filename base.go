package sessions

import (
	"github.com/gosessions/sessions/internal/envelope"
	"github.com/gosessions/sessions/internal/token"
	"github.com/gosessions/sessions/internal/vault"
)

// base is what a session was loaded from, or last saved as.
type base struct {
	vault.Snapshot
	tok      token.Token // the client's; zero if it is not known
	standing standing
	minted   bool   // this request made the token: the client has not used it yet
	loaded   string // the subject at the last time that the token was good
}

// standing says what a request may do with its base.
type standing byte

const (
	absent  standing = iota // there is no record yet
	current                 // everything: the token is the record's current one
	earlier                 // read and write, but get no token: it is the one before, or not known
	ended                   // nothing: the session ended, or changed its privileges
	refused                 // nothing: the token died moments ago, and a write is a conflict
)

// live reports whether the base is a record that can be written to.
func (b *base) live() bool { return b.standing == current || b.standing == earlier }

// state returns what the session holds before any edit.
func (b *base) state(limit int) state {
	if !b.live() {
		return state{limit: limit}
	}
	r := b.Record
	return state{
		values: r.Values(), subject: b.Subject, policy: expiryOf(r.Policy),
		created: r.Created, since: r.Since, limit: limit,
	}
}

// differs reports whether a state is not what the record holds.
func (b *base) differs(st *state) bool {
	return st.token != tokenKept || st.subject != b.Subject || st.policy.policy() != b.Record.Policy || st.values.Changed()
}

// begins reports whether a login may begin a session of its own though the
// token is not the current one. One that was the subject's already may not: it
// would make a dead token a live one.
func (b *base) begins(subject string) bool { return subject != "" && subject != b.loaded }

// moveTo makes a newer snapshot the base. It reports false if the privileges
// have changed: what the request may do with the record is over.
func (b *base) moveTo(newer vault.Snapshot) bool {
	if newer.Record.Epoch != b.Record.Epoch {
		return false
	}
	if *newer.Record.Verifier != *b.Record.Verifier {
		b.standing = earlier
	}
	b.Snapshot, b.loaded = newer, newer.Subject
	return true
}

// unseen reports whether this is the first use of the record's current token.
func (b *base) unseen() bool {
	return b.standing == current && !b.minted && !b.Record.Elevated && b.Record.Earlier != nil && b.Record.Seen == 0
}

// skipped reports whether the client has the token before the record's current
// one, and that is good: this request has renewed it, and not answered yet.
func (b *base) skipped() bool { return b.minted && b.Record.Earlier != nil && !b.Record.Elevated }

func (b *base) verifier() *envelope.Verifier {
	if b.Record == nil {
		return nil
	}
	return b.Record.Verifier
}

func (b *base) epoch() uint32 {
	if b.Record == nil {
		return 0
	}
	return b.Record.Epoch
}
