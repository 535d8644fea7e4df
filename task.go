package sessions

import (
	"errors"
	"fmt"
	"time"

	"github.com/gosessions/sessions/internal/envelope"
	"github.com/gosessions/sessions/internal/token"
	"github.com/gosessions/sessions/internal/vault"
)

// task is what one commit does. It holds copies, so that no lock of the
// session is held while the store answers.
type task struct {
	kind     taskKind
	base     base   // what the store is believed to hold
	next     state  // what it is to hold
	log      []edit // what makes next of base
	covered  int32  // how many of these edits are the session's
	life     int32
	replayed bool // the edits were made again on a newer record
	inherits bool // next is to be made of the record and the edits first, without the session's lock
	passive  bool
	stale    bool
	refresh  bool

	write vault.Write
	id    string             // of a new session
	tok   token.Token        // the new token, if there is one
	sum   *envelope.Verifier // its verifier
}

// commitMode says at which moment of a request its session is saved.
type commitMode byte

const (
	commitExplicit commitMode = iota // Save, Claim: the caller gets every error
	commitBegin                      // before the response begins
	commitLate                       // at the end, after the response began
	commitDiscard                    // only what was destroyed counts
	commitExpired                    // as commitDiscard, and it is an error if something is lost
)

// used returns when the session is used, in Unix milliseconds: before the
// response begins, when it was loaded.
func (m commitMode) used(b *base) int64 {
	if m == commitBegin {
		return b.Read
	}
	return time.Now().UnixMilli()
}

type taskKind byte

const (
	taskNone    taskKind = iota
	taskCreate           // a new session
	taskReplace          // changes of a session
	taskUpkeep           // times of a session, which nobody waits for
	taskTouch            // its expiry
	taskVerify           // whether edits that cancel out still do
	taskEnd              // its expiry is in the past
)

var (
	errFork      = errors.New("sessions: the login begins a session of its own")
	errOvertaken = errors.New("sessions: another request has changed the session")
)

// needsClient reports whether the task makes a token.
func (t *task) needsClient() bool { return t.kind == taskCreate || t.next.token != tokenKept }

// beginning decides about a session without a record of its own.
func (t *task) beginning(m *Manager) (taskKind, error) {
	switch {
	case t.base.standing == absent:
		if t.next.empty() || m.limits.end(t.next.terms()) <= time.Now().UnixMilli() {
			return taskNone, nil
		}
		return taskCreate, nil
	case t.next.token == tokenElevated && t.base.begins(t.next.subject):
		t.inherits = true
		return taskCreate, nil
	case t.base.standing == refused:
		return taskNone, errEnded
	}
	return taskNone, errEnded
}

// fork makes the task that of a new session with the same content.
func (t *task) fork() {
	t.kind = taskCreate
	t.next.created = time.Now().UnixMilli()
	t.next.since = t.next.created
}

// inherit makes next the state of a new session: a login on a token that is
// not the current one. It has the values of the record if that is the same
// subject's, or nobody's and the token still opens it.
func (t *task) inherit(m *Manager) error {
	t.replayed = true
	subject := t.next.subject
	t.next = state{limit: m.opts.MaxBytes}
	if t.base.Record != nil && (t.base.Subject == subject || t.base.Subject == "" && t.base.live()) {
		t.next.values, t.next.policy = t.base.Record.Values(), expiryOf(t.base.Record.Policy)
	}
	var err error
	t.next, _, err = t.next.replay(t.log)
	t.fork()
	return err
}

// upkeep finds out what a session without changes needs, and reports whether
// that is anything. A passive request notes no use, except of a new token.
func (t *task) upkeep(m *Manager, mode commitMode) bool {
	switch t.kind = m.upkeep(&t.base, &t.next, mode.used(&t.base), t.stale); {
	case t.passive && t.base.unseen():
		t.kind = taskUpkeep
	case t.passive:
		t.kind = taskNone
	case t.kind == taskNone && t.refresh && mode == commitBegin && t.base.standing == current:
		t.kind = taskTouch
	}
	return t.kind != taskNone
}

// upkeep returns what a session without changes that is used needs.
func (m *Manager) upkeep(b *base, st *state, used int64, stale bool) taskKind {
	r := b.Record
	idle := m.limits.idleOf(st.terms())
	tenth := max(idle/10, 1)
	switch {
	case r.Idle != idle, b.unseen():
		return taskUpkeep
	case idle <= 0: // shows that the token is current, so that it can be sealed by a newer key
		if stale && b.standing == current {
			return taskTouch
		}
	case b.Expires-used > idle-tenth: // whatever the lifetime
	case m.limits.expires(st.terms(), used)-b.Expires >= tenth:
		return taskTouch
	}
	return taskNone
}

// renewalDue reports whether the token is old enough for a new one: after
// Options.RenewEvery, and in time before browsers drop a persistent cookie.
func (m *Manager) renewalDue(b *base, st *state, now int64) bool {
	if b.standing != current || b.minted || b.tok.IsZero() {
		return false
	}
	every := m.opts.RenewEvery
	if m.limits.outlivesBrowser(st.policy) && (every <= 0 || every > maxCookieAge/2) {
		every = maxCookieAge / 2
	}
	return every > 0 && now-b.Record.Renewed >= every.Milliseconds()
}

// renewIfDue makes the task renew the token if that is due and possible, and
// reports whether it does.
func (t *task) renewIfDue(m *Manager, deliverable bool, now int64) bool {
	if t.next.token != tokenKept || t.passive || !deliverable || !m.renewalDue(&t.base, &t.next, now) {
		return false
	}
	t.next.token = tokenRenewed
	if t.kind != taskReplace {
		t.kind = taskUpkeep
	}
	return true
}

// mint makes the new token of a renewal, once.
func (t *task) mint(m *Manager) (err error) {
	if t.next.token == tokenKept || !t.tok.IsZero() {
		return nil
	}
	if t.tok, err = t.base.tok.Renew(); err != nil {
		return fmt.Errorf("%w: new token: %w", ErrUnavailable, err)
	}
	t.sum = verifier(t.tok, m.opts.Namespace)
	return nil
}

// again makes the changes again on a newer record. It returns errEnded if
// the request has lost its right to it, and errFork if the task is a login,
// which then begins a session of its own.
func (t *task) again(m *Manager, newer vault.Snapshot) error {
	t.replayed = true
	if !t.base.moveTo(newer) {
		if t.next.token != tokenElevated || !t.base.begins(t.next.subject) {
			return errEnded
		}
		t.base.Snapshot, t.base.standing = newer, ended
		if err := t.inherit(m); err != nil {
			return err
		}
		return errFork
	}
	var err error
	if t.next, _, err = t.base.state(m.opts.MaxBytes).replay(t.log); err != nil {
		return err
	}
	switch {
	case t.base.standing == current:
		return t.mint(m)
	case t.next.token == tokenRenewed: // done by another request
		t.next.token = tokenKept
	case t.next.token == tokenElevated:
		if !t.base.begins(t.next.subject) {
			return errSuperseded
		}
		if err := t.inherit(m); err != nil {
			return err
		}
		return errFork
	}
	return nil
}

// state returns the record that the task is to write.
func (t *task) state(m *Manager) vault.State {
	now := t.write.Began()
	next := vault.State{Subject: t.next.subject, Values: t.next.values}
	r := &next.Record
	r.Created, r.Since = t.next.created, t.next.since
	r.Policy = t.next.policy.policy()
	r.Idle = m.limits.idleOf(t.next.terms())
	next.Expires = m.limits.expires(t.next.terms(), now)
	if t.kind == taskCreate {
		r.Verifier, r.Renewed = t.sum, r.Created
		return next
	}
	was := t.base.Record
	if t.passive && r.Policy == was.Policy && r.Idle == was.Idle {
		next.Expires = min(t.base.Expires, next.Expires)
	}
	r.Epoch = was.Epoch
	if t.next.token != tokenKept {
		r.Verifier, r.Renewed = t.sum, now
		r.Earlier, r.Elevated = was.Verifier, t.next.token == tokenElevated
		if t.base.skipped() {
			r.Earlier = was.Earlier
		}
		if t.next.token == tokenElevated {
			r.Epoch++
		}
		return next
	}
	r.Verifier, r.Earlier, r.Elevated, r.Renewed, r.Seen = was.Verifier, was.Earlier, was.Elevated, was.Renewed, was.Seen
	if t.base.unseen() {
		r.Seen = now
	}
	return next
}

// verifier returns a token's verifier.
func verifier(tok token.Token, namespace string) *envelope.Verifier {
	sum := tok.Verifier(namespace)
	return &sum
}

// ending is a record that Destroy has given up.
type ending struct {
	id      string
	epoch   uint32
	subject string
	doubt   *task // the record may also be what this write made of it
}

// noEpoch is the epoch of no record.
const noEpoch = 1<<32 - 1

// ending returns what is to be deleted of a base that is a record, or was one.
func (b *base) ending() ending {
	e := ending{id: b.ID, subject: b.loaded, epoch: noEpoch} // if it is there, it is another login's
	if b.live() && b.Record != nil {
		e.epoch = b.Record.Epoch
	}
	return e
}

// ending returns what is to be deleted of a new session that is in doubt.
func (t *task) ending() ending {
	return ending{id: t.id, subject: t.next.subject, doubt: t}
}
