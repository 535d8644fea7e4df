package sessions

import (
	"crypto/sha256"
	"errors"
	"time"

	"github.com/gosessions/sessions/internal/token"
	"github.com/gosessions/sessions/internal/vault"
)

// task is what one commit does. It holds copies, so that no lock of the
// session is held while the store answers.
type task struct {
	kind    taskKind
	base    base   // what the store is believed to hold
	next    state  // what it is to hold
	log     []edit // what makes next of base
	covered int    // how many of these edits are the session's
	life    int
	passive bool
	stale   bool

	write vault.Write
	id    string      // of a new session
	tok   token.Token // the new token, if there is one
	sum   [sha256.Size]byte
	now   time.Time // of the state that was last made
}

type taskKind byte

const (
	taskNone    taskKind = iota
	taskCreate           // a new session
	taskReplace          // changes of a session
	taskUpkeep           // times of a session, which nobody waits for
	taskTouch            // its expiry
	taskEnd              // its expiry is in the past
)

var errFork = errors.New("sessions: the login begins a session of its own")

// needsClient reports whether the task makes a token.
func (t *task) needsClient() bool { return t.kind == taskCreate || t.next.token != tokenKept }

// used returns when the session is used: before the response begins, when it
// was loaded.
func (t *task) used(mode commitMode) time.Time {
	if mode == commitBegin {
		return t.base.Read
	}
	return time.Now()
}

// beginning decides about a session without a record of its own.
func (t *task) beginning(m *Manager) (taskKind, error) {
	switch {
	case t.base.standing == absent:
		if t.next.empty() || !m.limits.end(t.next.policy, t.next.since).After(time.Now()) {
			return taskNone, nil
		}
		return taskCreate, nil
	case t.next.token == tokenElevated && t.base.begins(t.next.subject):
		return taskCreate, t.inherit(m)
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
// dead. It has the values of the record if that is the same subject's.
func (t *task) inherit(m *Manager) error {
	subject := t.next.subject
	t.next = state{limit: m.opts.MaxBytes}
	if t.base.Record != nil && t.base.Subject == subject {
		t.next.values, t.next.policy = t.base.Record.Values, expiryOf(t.base.Record.Policy)
	}
	_, err := t.next.replay(t.log)
	t.fork()
	return err
}

// upkeep returns what a session without changes that is used needs.
func (m *Manager) upkeep(b *base, st *state, used time.Time, stale bool) taskKind {
	r := b.Record
	idle := m.limits.idleOf(st.policy)
	switch {
	case r.Idle != idle.Milliseconds(), b.unseen():
		return taskUpkeep
	case idle <= 0: // shows that the token is current, so that it can be sealed by a newer key
		if stale && b.standing == current {
			return taskTouch
		}
	case b.Expires.Sub(used) > idle-idle/10: // whatever the lifetime
	case m.limits.expires(st.policy, st.since, used).Sub(b.Expires) >= idle/10:
		return taskTouch
	}
	return taskNone
}

// unseen reports whether this is the first use of the record's current token.
func (b *base) unseen() bool {
	return b.standing == current && !b.minted && !b.Record.Elevated && len(b.Record.Earlier) > 0 && b.Record.Seen == 0
}

// renewalDue reports whether the token is old enough for a new one: after
// Options.RenewEvery, and in time before browsers drop a persistent cookie.
func (m *Manager) renewalDue(b *base, st *state, now time.Time) bool {
	if b.standing != current || b.tok.IsZero() {
		return false
	}
	every := m.opts.RenewEvery
	if m.limits.outlivesBrowser(st.policy) && (every <= 0 || every > maxCookieAge/2) {
		every = maxCookieAge / 2
	}
	return every > 0 && now.Sub(time.UnixMilli(b.Record.Renewed)) >= every
}

// renewIfDue makes the task renew the token if that is due and possible, and
// reports whether it does.
func (t *task) renewIfDue(m *Manager, deliverable bool) bool {
	if t.next.token != tokenKept || t.passive || !deliverable || !m.renewalDue(&t.base, &t.next, time.Now()) {
		return false
	}
	t.next.token = tokenRenewed
	if t.kind != taskReplace {
		t.kind = taskUpkeep
	}
	return true
}

// perform does the task. If a write that matters may have taken effect though
// it failed, the session keeps the task in doubt.
func (s *Session) perform(t *task, mode commitMode) error {
	var err error
	switch t.kind {
	case taskCreate:
		err = s.create(t)
	case taskTouch:
		return s.touch(t, mode)
	case taskUpkeep:
		return s.keepUp(t, mode)
	default:
		err = s.replace(t)
		if errors.Is(err, errFork) {
			err = s.create(t)
		}
	}
	if err == nil {
		return nil
	}
	s.keepDoubt(t, t.write.InDoubt() && errors.Is(err, ErrUnavailable))
	if errors.Is(err, ErrNotFound) {
		return s.lose(t, mode, err)
	}
	return s.report(&t.base, err)
}

// keepDoubt keeps a task that failed if it is in doubt. If Destroy was called
// in the meantime, the record that the task may have made is given up as well.
func (s *Session) keepDoubt(t *task, inDoubt bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var doubt *task
	if inDoubt {
		kept := *t
		doubt = &kept
	}
	switch {
	case s.life != t.life:
		if inDoubt {
			s.giveUpToo(t.base.ending(doubt))
		}
	case inDoubt:
		s.doubt = doubt
	default:
		s.doubt, s.covered = nil, 0
	}
}

// create stores a new session under a token that nobody chose. An id is taken
// only if the random source is broken; after three more tries that is an error.
func (s *Session) create(t *task) error {
	t.kind = taskCreate
	for range 4 {
		if t.tok.IsZero() || t.id != t.tok.ID() {
			tok, err := token.Mint(time.Now())
			if err != nil {
				return errors.Join(ErrUnavailable, err)
			}
			t.tok, t.id = tok, tok.ID()
			t.sum = tok.Verifier(s.m.opts.Namespace)
		}
		snap, err := t.write.Create(t.id, t.state(s.m))
		if errors.Is(err, vault.ErrTaken) {
			t.tok = token.Token{}
			continue
		}
		if err != nil {
			return err
		}
		s.adopt(t, snap, EventCreated)
		return nil
	}
	return errors.Join(ErrUnavailable, vault.ErrTaken)
}

// replace saves the changes of a session. If another request was faster, it
// makes them again on the newer record.
func (s *Session) replace(t *task) error {
	if err := t.mint(s.m); err != nil {
		return err
	}
	snap, err := t.write.Replace(t.base.Snapshot, t.state(s.m), func(newer vault.Snapshot) (vault.State, bool, error) {
		if err := t.again(s.m, newer); err != nil {
			return vault.State{}, false, err
		}
		return t.state(s.m), t.base.differs(&t.next), nil
	})
	switch {
	case errors.Is(err, ErrNotFound) && !errors.Is(err, errEnded) && t.next.token == tokenElevated && t.base.begins(t.next.subject):
		t.base.Snapshot = vault.Snapshot{ID: t.base.ID}
		if err := t.inherit(s.m); err != nil {
			return err
		}
		return errFork
	case err != nil:
		return err
	}
	kind := EventKind("")
	if t.next.token != tokenKept {
		kind = EventRenewed
	}
	s.adopt(t, snap, kind)
	return nil
}

// mint makes the new token of a renewal, once.
func (t *task) mint(m *Manager) (err error) {
	if t.next.token == tokenKept || !t.tok.IsZero() {
		return nil
	}
	if t.tok, err = t.base.tok.Renew(); err != nil {
		return errors.Join(ErrUnavailable, err)
	}
	t.sum = t.tok.Verifier(m.opts.Namespace)
	return nil
}

// again makes the changes again on a newer record. It returns errEnded if
// the request has lost its right to it, and errFork if the task is a login,
// which then begins a session of its own.
func (t *task) again(m *Manager, newer vault.Snapshot) error {
	if !t.base.moveTo(newer) {
		if t.next.token != tokenElevated || !t.base.begins(t.next.subject) {
			return errEnded
		}
		t.base.Snapshot = newer
		if err := t.inherit(m); err != nil {
			return err
		}
		return errFork
	}
	t.next = t.base.state(m.opts.MaxBytes)
	if _, err := t.next.replay(t.log); err != nil {
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
		t.fork()
		return errFork
	}
	return nil
}

// state returns the record that the task is to write.
func (t *task) state(m *Manager) vault.State {
	t.now = t.write.Began()
	now := t.now.UnixMilli()
	next := vault.State{Subject: t.next.subject}
	r := &next.Record
	r.Created, r.Since, r.Values = t.next.created, t.next.since, t.next.values
	r.Policy = t.next.policy.policy()
	r.Idle = m.limits.idleOf(t.next.policy).Milliseconds()
	next.Expires = m.limits.expires(t.next.policy, t.next.since, t.now)
	if t.kind == taskCreate {
		r.Verifier, r.Renewed = t.sum[:], r.Created
		return next
	}
	was := t.base.Record
	if t.passive && r.Policy == was.Policy && r.Idle == was.Idle {
		next.Expires = minTime(t.base.Expires, next.Expires)
	}
	r.Epoch = was.Epoch
	if t.next.token != tokenKept {
		r.Verifier, r.Renewed = t.sum[:], now
		r.Earlier, r.Elevated = was.Verifier, t.next.token == tokenElevated
		if t.base.minted { // the client has the one before
			r.Earlier, r.Elevated = was.Earlier, was.Elevated || r.Elevated
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

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// adopt makes what the store now holds the base of the session, with the edits
// on top that were made while it was saved, and decides about the answer.
func (s *Session) adopt(t *task, snap vault.Snapshot, kind EventKind) {
	b := t.base
	b.Snapshot, b.loaded = snap, snap.Subject
	verifier, epoch, fresh := t.base.verifier(), t.base.epoch(), false
	if t.kind == taskCreate || t.next.token != tokenKept {
		b.tok, b.standing, b.minted, fresh = t.tok, current, true, true
		verifier = t.sum[:]
		switch {
		case t.kind == taskCreate:
			epoch = 0
		case t.next.token == tokenElevated:
			epoch++
		}
	}
	switch { // others may have changed the record since the write took effect
	case snap.Record.Epoch != epoch:
		b.standing = ended
	case string(snap.Record.Verifier) != string(verifier):
		b.standing = earlier
	}
	again := t.stale || t.kind == taskReplace && snap.Record.Policy != t.base.Record.Policy
	s.mu.Lock()
	if s.life == t.life {
		s.doubt = nil
	}
	s.mu.Unlock()
	_ = s.rebase(b, t.covered, t.life, false) // the next commit returns the error
	s.send(t, &b, fresh, again)
	if kind != "" {
		s.tell(kind, b.ID, b.Subject, nil)
	}
}

func (b *base) verifier() []byte {
	if b.Record == nil {
		return nil
	}
	return b.Record.Verifier
}

func (b *base) epoch() uint64 {
	if b.Record == nil {
		return 0
	}
	return b.Record.Epoch
}

// send decides whether the response brings the session's token: if it is new,
// if something about the cookie has changed, or if its life in the browser
// counts from the last use. The write before it has shown that the token is
// current.
func (s *Session) send(t *task, b *base, fresh, again bool) {
	policy := expiryOf(b.Record.Policy)
	if b.standing != current || b.tok.IsZero() || !fresh && !again && s.m.limits.of(policy).kind != remember {
		return
	}
	age := s.m.limits.cookieAge(policy, b.Record.Since, b.Expires, time.Now())
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life != t.life {
		return
	}
	s.stale = false
	s.answer = answer{action: Set, age: age, vital: fresh || s.answer.vital && s.answer.action == Set}
}

// keepUp writes the times of a session that was used. It is tried once, and
// the response does not depend on it.
func (s *Session) keepUp(t *task, mode commitMode) error {
	err := t.mint(s.m)
	if err == nil {
		var snap vault.Snapshot
		snap, err = t.write.Replace(t.base.Snapshot, t.state(s.m), func(newer vault.Snapshot) (vault.State, bool, error) {
			return vault.State{}, false, errOvertaken
		})
		if err == nil {
			kind := EventKind("")
			if t.next.token != tokenKept {
				kind = EventRenewed
			}
			s.adopt(t, snap, kind)
			return nil
		}
	}
	return s.giveUpTouch(t, mode, err)
}

var errOvertaken = errors.New("sessions: another request has changed the session")

// touch moves the expiry of a session that was used.
func (s *Session) touch(t *task, mode commitMode) error {
	expires := s.m.limits.expires(t.next.policy, t.next.since, time.Now())
	if err := t.write.Touch(t.base.Snapshot, expires); err != nil {
		return s.giveUpTouch(t, mode, err)
	}
	b := t.base
	if expires.After(b.Expires) { // it moves later only
		b.Expires = expires
	}
	s.mu.Lock()
	if s.life == t.life {
		s.base.Expires = b.Expires
	}
	s.mu.Unlock()
	s.send(t, &b, false, t.stale)
	return nil
}

// giveUpTouch remembers that a touch has failed. If others have changed the
// session, it finds out whether it has ended, which is the only error.
func (s *Session) giveUpTouch(t *task, mode commitMode, err error) error {
	s.mu.Lock()
	s.untouched = true
	s.mu.Unlock()
	if errors.Is(err, errOvertaken) || errors.Is(err, ErrConflict) {
		var newer vault.Snapshot
		if newer, err = t.write.Look(t.base.ID); err == nil {
			if b := t.base; b.moveTo(newer) {
				return nil
			}
			err = errEnded
		}
	}
	if errors.Is(err, ErrNotFound) {
		t.next.token = tokenKept // nobody waits for the token
		return s.lose(t, mode, err)
	}
	_ = s.report(&t.base, err)
	return nil
}

// answer is what the client is told about its token.
type answer struct {
	action Action
	vital  bool          // a response without it would lose the session, or keep it
	age    time.Duration // of the cookie; 0: until the browser is closed
}

// revoke takes a token back that was to be sent and is no longer current.
func (a *answer) revoke() {
	if a.action == Set {
		*a = answer{}
	}
}
