package sessions

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/gosessions/sessions/internal/envelope"
	"github.com/gosessions/sessions/internal/token"
	"github.com/gosessions/sessions/internal/vault"
)

// Session holds the values of one visitor under string keys, encoded by the
// manager's codec. [Key] and [Typed] put types on top.
//
// Changes are made in memory and written once, before the response begins.
// Only [Session.Save], [Session.Reload] and [Key.Claim] talk to the store in
// between. Several goroutines of one request may use a Session. When the
// handler has returned, its methods return [ErrNoSession] or do nothing.
//
// A session is a base (its record, as far as it has one), a log of edits, and
// a head: the base with the log applied.
type Session struct {
	m      *Manager
	client client // nil outside of a request

	commits sync.Mutex // held while talking to the store; taken before mu
	told    []Event    // by the commit under way, for later; guarded by commits
	claimed edit       // a Claim in doubt that has taken its value; guarded by commits

	mu      sync.Mutex // guards all below
	base    base
	head    state
	log     []edit
	covered int   // how many edits of the log a write covers that is under way or in doubt
	changes int   // counts changes of head
	life    int   // counts calls of Destroy
	unfit   error // of edits that could not be replayed on a newer record
	typed   []collector
	endings []ending
	doubt   *task  // a write that may have taken effect
	answer  answer // for the client

	fresh     bool // made by this request
	stale     bool // the client's token was sealed by an old key
	passive   bool // the request does not count as use
	untouched bool // a touch has failed, and is not tried again
	closed    bool
}

// client is the way of a session's token to its client.
type client interface {
	// reachable reports whether the response that could carry a token has not
	// begun.
	reachable() bool
}

// base is what a session was loaded from, or last saved as.
type base struct {
	vault.Snapshot
	tok      token.Token // the client's; zero if it is not known
	standing standing
	loaded   string // the subject at the last time that the token was good
	minted   bool   // this request made the token: the client has not used it yet
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
		values: r.Values, subject: b.Subject, policy: expiryOf(r.Policy),
		created: r.Created, since: r.Since, limit: limit,
	}
}

// ending is a record that Destroy has given up.
type ending struct {
	id      string
	epoch   uint64
	subject string
	doubt   *task // the record may also be what this write made of it
}

// ID returns the session's id: a ULID that may be logged and shown. It is not
// a credential. It is "" until the session is first saved, and never changes
// afterwards.
func (s *Session) ID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.base.live() {
		return ""
	}
	return s.base.ID
}

// IsNew reports whether this request made the session.
func (s *Session) IsNew() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fresh
}

// Modified reports whether there is something to save. Changes of a Typed's
// Data count when they are collected, at Save or when the response begins.
func (s *Session) Modified() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.modified()
}

// modified needs s.mu.
func (s *Session) modified() bool {
	switch {
	case len(s.endings) > 0 || s.doubt != nil:
		return true
	case s.base.live():
		return s.base.differs(&s.head)
	}
	return !s.head.empty()
}

// differs reports whether a state is not what the record holds.
func (b *base) differs(st *state) bool {
	return st.token != tokenKept || st.subject != b.Subject || st.policy.policy() != b.Record.Policy || st.values.Changed()
}

// Subject returns the subject that SetSubject gave the session, or "".
func (s *Session) Subject() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.head.subject
}

// SetSubject is the login: it makes the session that of a subject, such as a
// user's id, and "" that of nobody. Call it when you have verified who the
// visitor is, also when the same subject has authenticated again.
// [Manager.List] and [Manager.RevokeAll] find the session by its subject.
//
// When this is saved, the session has a new token and a new lifetime, and the
// token before is dead at once. A request that loaded the session before can
// save nothing any more. The id and the values stay; call [Session.Clear] first
// to start without them.
//
// SetSubject returns [ErrHeadersSent] if no new token can follow, because the
// response has begun or there is none; other changes of the request are not
// saved then either. It returns [ErrNotFound] if the session is known to have
// ended while it was the subject's already. If another request renews the
// session or logs in with it first, a login begins a session of its own, with
// the same values if it is that subject's.
func (s *Session) SetSubject(id string) error {
	since := time.Now().UnixMilli()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return errReturned
	case (s.base.standing == ended || s.base.standing == refused) && !s.base.begins(id):
		return errEnded
	case !s.reachable():
		if s.client != nil { // what the login brings must not end in the session before it
			s.unfit = ErrHeadersSent
		}
		return ErrHeadersSent
	}
	return s.edit(applying(func(st *state) error {
		st.subject, st.since, st.token = id, since, tokenElevated
		return nil
	}))
}

// begins reports whether a login may begin a session of its own though the
// token is not the current one. One that was the subject's already may not: it
// would make a dead token a live one.
func (b *base) begins(subject string) bool { return subject != "" && subject != b.loaded }

// reachable needs no lock.
func (s *Session) reachable() bool { return s.client != nil && s.client.reachable() }

// Renew gives the session a new token and keeps everything else. The token
// before stays good for reading and writing values until the new one has been
// in use for Options.RenewGrace, so that parallel requests and lost responses
// do no harm. For a change of privilege call [Session.SetSubject] instead.
//
// If another request has renewed the session already, Renew does nothing. It
// returns [ErrHeadersSent] if no token can follow, because the response has
// begun or there is none, and [ErrNotFound] if the session is known to have
// ended.
func (s *Session) Renew() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return errReturned
	case s.base.standing == ended || s.base.standing == refused:
		return errEnded
	case !s.reachable():
		return ErrHeadersSent
	case s.base.standing != current:
		return nil
	}
	return s.edit(applying(func(st *state) error {
		st.token = max(st.token, tokenRenewed)
		return nil
	}))
}

// Destroy ends the session: the record is deleted, even if the handler panics
// or answers 5xx, and the client is told to forget its token. If the store
// fails, the response is the error page. If another request has changed the
// session's privileges, it is not ended, and the response is the error page
// with 409. What is set afterwards goes into a new session. A Typed that was
// opened before is no longer saved.
func (s *Session) Destroy() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.giveUp()
	}
}

// giveUp needs s.mu.
func (s *Session) giveUp() {
	if s.base.standing != absent || s.doubt != nil {
		s.endings = append(s.endings, s.base.ending(s.doubt))
	}
	s.base, s.head, s.log, s.covered = base{}, state{limit: s.m.opts.MaxBytes}, nil, 0
	s.doubt, s.typed, s.unfit = nil, nil, nil
	s.fresh, s.stale = true, false
	s.changes++
	s.life++
}

// ending returns what is to be deleted.
func (b *base) ending(doubt *task) ending {
	e := ending{id: b.ID, subject: b.loaded, doubt: doubt}
	switch {
	case b.live():
		e.epoch = b.Record.Epoch
	case b.standing == absent:
		e.id = doubt.id
	default: // the record, if it is there, is another login's
		e.epoch = noEpoch
	}
	return e
}

// noEpoch is the epoch of no record.
const noEpoch = 1<<64 - 1

// Passive makes this request not count as use of the session: it does not keep
// the session from its idle timeout, and does not renew its token by
// Options.RenewEvery. It is for requests that a page makes by itself.
func (s *Session) Passive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passive = true
}

// Save writes what has changed now instead of when the response begins. The
// time it may take is Options.SaveTimeout; ctx gives values, and its
// cancellation does not stop a save.
//
// It returns [ErrNotFound] if the session has ended or changed its privileges
// in the meantime, [ErrConflict] if others kept changing it, [ErrUnavailable]
// if the store failed, [ErrHeadersSent] if a token would have to be sent and
// cannot, and the error of a [Key.TryUpdate] that refused the newer value.
// After ErrUnavailable the changes may have been written all the same; the next
// Save, Claim or Reload finds out first, and never makes them twice.
func (s *Session) Save(ctx context.Context) error {
	return s.commit(ctx, commitExplicit, nil)
}

// Reload reads the record again and makes this request's unsaved changes on
// it. It returns [ErrNotFound] if the session has ended or changed its
// privileges, and the error of a change that does not fit the newer record;
// nothing changes then. Data of a Typed stays as it is.
func (s *Session) Reload(ctx context.Context) error {
	s.commits.Lock()
	defer s.unlock(ctx)
	return s.reload(ctx)
}

// apply makes a change and remembers it for replay.
func (s *Session) apply(e edit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errReturned
	}
	return s.edit(e)
}

// edit needs s.mu.
func (s *Session) edit(e edit) error {
	s.head.begin()
	if err := e.do(&s.head); err != nil {
		return err
	}
	s.remember(e)
	return nil
}

// remember adds an edit to the log, in place of one that it leaves nothing of.
// It needs s.mu.
func (s *Session) remember(e edit) {
	for i := len(s.log) - 1; i >= s.covered && s.log[i].apply == nil; i-- {
		if e.replaces(&s.log[i]) {
			s.log = slices.Delete(s.log, i, i+1)
			break
		}
	}
	s.log = append(s.log, e)
	s.changes++
}

// changeCount returns how often the session has changed.
func (s *Session) changeCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changes
}

// closeIf ends the use of the session with its request, unless it has changed
// since it was seen.
func (s *Session) closeIf(seen int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes != seen {
		return false
	}
	s.close()
	return true
}

// close needs s.mu.
func (s *Session) close() { s.closed, s.head.values = true, envelope.Values{} }

// Format prints the id and nothing secret, for every verb.
func (s *Session) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "session("+s.ID()+")")
}
