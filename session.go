package sessions

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/gosessions/sessions/internal/token"
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

	mu      sync.Mutex // guards all below
	base    base
	head    state
	log     []edit
	typed   []collector
	answer  answer   // for the client
	unusual *unusual // what few sessions have; nil if there is none of it
	covered int32    // how many edits of the log a write covers that is under way or in doubt
	changes int32    // counts changes of head
	life    int32    // counts calls of Destroy
	before  int32    // life when the last commit began

	fresh     bool // made by this request
	stale     bool // the client's token was sealed by an old key
	refresh   bool // the client must get its token again, with another age
	passive   bool // the request does not count as use
	upgrading bool // the response hands the connection over, and should carry no token that it need not
	untouched bool // a touch has failed, and is not tried again
	saving    bool // a commit is under way
	closed    bool
}

// unusual holds what most sessions never have, so that they need no memory for
// it.
type unusual struct {
	told    []Event      // by the commit under way, for later
	one     [1]Event     // where most of them have room
	unfit   error        // of edits that could not be replayed on a newer record
	barred  error        // of a login that came too late: nothing is saved after it
	endings []ending     // records that Destroy has given up
	doubt   *task        // a write that may have taken effect
	missing []ending     // new sessions that were given up, and may still arrive
	claimed []edit       // Claims in doubt that have taken their values
	unread  []string     // keys whose values cannot be decoded, as far as that was told
	taken   *token.Token // that TakeReply has given to the handler
}

// empty reports whether there is nothing in it.
func (u *unusual) empty() bool {
	return len(u.told) == 0 && u.unfit == nil && u.barred == nil && len(u.endings) == 0 && u.doubt == nil &&
		len(u.missing) == 0 && len(u.claimed) == 0 && len(u.unread) == 0 && u.taken == nil
}

// nothing is the unusual part of a session that has none. It never changes.
var nothing unusual

// seldom returns what there is, to read. It needs s.mu.
func (s *Session) seldom() *unusual {
	if s.unusual == nil {
		return &nothing
	}
	return s.unusual
}

// keep returns what there is, to change. It needs s.mu.
func (s *Session) keep() *unusual {
	if s.unusual == nil {
		s.unusual = new(unusual)
	}
	return s.unusual
}

// collector is a Typed as its session sees it.
type collector interface {
	// collect turns the changes of Data into edits. What it has handed over
	// successfully counts as seen, and the rest is collected again next time.
	// Encoders are the user's code, and run without the session's lock.
	collect() error
}

// fit notes the error of edits that could not be replayed, or that there are
// none. It needs s.mu.
func (s *Session) fit(err error) {
	if err != nil || s.unusual != nil {
		s.keep().unfit = err
	}
}

// settled notes that no write is in doubt. It needs s.mu.
func (s *Session) settled() {
	if s.unusual != nil {
		s.unusual.doubt = nil
	}
}

// client is the way of a session's token to its client.
type client interface {
	// reachable reports whether the response that could carry a token has not
	// begun.
	reachable() bool
	// context returns the context of the request.
	context() context.Context
	// brought reports whether the client sent a token, whatever it opens.
	brought() bool
	// taking says why a handler cannot tell the client about its token itself, or
	// nil.
	taking() error
	// refusal says why no session without a subject may begin in this request, or
	// nil.
	refusal() error
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
	case len(s.seldom().endings) > 0 || s.seldom().doubt != nil:
		return true
	case s.base.live():
		return s.base.differs(&s.head)
	}
	return !s.head.empty()
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
			s.keep().barred = ErrHeadersSent
		}
		return ErrHeadersSent
	}
	return s.edit(applying(func(st *state) error {
		st.subject, st.since, st.token = id, since, tokenElevated
		return nil
	}))
}

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

// Passive makes this request not count as use of the session: it does not keep
// the session from its idle timeout, and does not renew its token by
// Options.RenewEvery. It is for requests that a page makes by itself.
func (s *Session) Passive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passive = true
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

// remember adds an edit to the log, in place of those that it leaves nothing
// of: a value that is set or deleted makes earlier edits of its key needless. It
// needs s.mu.
func (s *Session) remember(e edit) {
	for i := len(s.log) - 1; e.apply == nil && i >= int(s.covered) && !s.log[i].wide; i-- {
		if old := &s.log[i]; old.key == e.key {
			set := old.apply == nil // and has replaced those before it
			if s.log = slices.Delete(s.log, i, i+1); set {
				break
			}
		}
	}
	s.log = append(s.log, e)
	s.changes++
}

// needsClient reports whether the client must be told about its token.
func (s *Session) needsClient() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answer.action != Keep || s.head.token != tokenKept || !s.base.live() && (!s.head.empty() || len(s.typed) > 0)
}

// upgrade says that the response hands the connection over.
func (s *Session) upgrade() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.upgrading = true
}

// Format prints the id and nothing secret, for every verb.
func (s *Session) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "session("+s.ID()+")")
}
