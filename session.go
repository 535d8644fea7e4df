package sessions

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/gosessions/sessions/internal/envelope"
)

// Session holds the values of one visitor under string keys, encoded by the
// manager's codec. Key and Typed put types on top.
//
// Changes are made in memory, and are written once, before the response
// begins. Only Save, Reload and Key.Claim talk to the store in between.
// Several goroutines of one request may use a Session. Once the handler has
// returned, methods fail with ErrNoSession or do nothing.
type Session struct {
	m     *Manager
	scope *scope // nil outside a request

	commits sync.Mutex // held while talking to the store; taken before mu

	mu     sync.Mutex // guards all below
	at     stored
	before *stored // what the cookie's token was renewed from, for Destroy alone
	now    state
	log    []edit // what made now of at
	edits  int    // counts changes of now, for Update
	epoch  int    // counts calls of Destroy, for commits under way
	unfit  error  // of an edit that fits no more since others were faster
	typed  []collector
	doomed []stored // to be destroyed
	renew  bool
	fresh  bool // made by this request
	over   bool // its record ended while the request ran: nothing can be saved
	stale  bool // its cookie was made with a key that is on its way out
	closed bool
	cookie cookieChange

	committing bool // a commit is under way
	untouched  bool // a touch has failed, and is not tried again
}

// ID returns the session's id: a ULID that may be logged and shown, and is no
// credential. It is "" until the session is first saved, and changes with
// Renew when that is saved.
func (s *Session) ID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at.id
}

// IsNew reports whether this request made the session.
func (s *Session) IsNew() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fresh
}

// Modified reports whether there is something to save. Changes of a Typed's
// Data count once they are collected, at Save or when the response begins.
func (s *Session) Modified() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.modified()
}

// modified needs s.mu.
func (s *Session) modified() bool {
	if s.at.id == "" {
		return !s.now.empty() || len(s.doomed) > 0
	}
	return s.renew || s.at.differs(&s.now) // what is doomed has taken the id
}

// Subject returns whose session it is, or "".
func (s *Session) Subject() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now.subject
}

// SetSubject says whose session it is, "" for nobody's. Manager.List and
// RevokeAll find the session by it. A change is a change of privilege: the
// session gets a new id and token as by Renew, and its lifetime starts again.
// Setting the same subject again does nothing; to start a new lifetime after
// the same user has authenticated again, set "" in between.
//
// A change that is made after the response has begun cannot be saved: Save
// returns ErrHeadersSent, and at the end of the request it is an
// EventUnsaved.
func (s *Session) SetSubject(id string) {
	since := time.Now().UnixMilli()
	_ = s.apply(func(st *state) error {
		if st.subject != id {
			st.subject, st.since, st.rotate = id, since, true
		}
		return nil
	})
}

// Renew gives the session a new id and token and keeps its values: call it
// at each login and change of privilege (OWASP: against session fixation).
// The old token is dead once this is saved. It returns ErrHeadersSent if no
// cookie can follow: the response has begun, or there is none.
func (s *Session) Renew() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return errReturned
	case !s.scope.cookieFits():
		return ErrHeadersSent
	}
	s.renew = true
	return nil
}

// Destroy ends the session: the record is deleted, even if the handler panics
// or answers 5xx, and the browser is told to forget the cookie. If the store
// fails, the response is the error page. What is set afterwards goes into a
// new session, unless another request had ended this one. A Typed that was opened before is no longer saved.
func (s *Session) Destroy() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	switch {
	case s.at.id != "":
		s.doomed = append(s.doomed, s.at)
	case s.before != nil: // the browser may have the newer token
		s.doomed = append(s.doomed, *s.before)
	}
	s.before = nil
	s.at, s.now, s.log, s.typed, s.unfit = stored{}, state{}, nil, nil, nil
	s.renew, s.fresh, s.stale = false, true, false
	s.edits++
	s.epoch++
}

// Save writes what has changed now instead of when the response begins. The
// time it may take is Options.SaveTimeout; ctx gives values, and its
// cancellation does not stop a save. It returns ErrNotFound if the session
// has ended meanwhile, ErrConflict if others kept changing it,
// ErrUnavailable if the store failed, ErrHeadersSent if a cookie would have
// to be sent and cannot.
func (s *Session) Save(ctx context.Context) error {
	return s.commit(ctx, commitExplicit, nil)
}

// Reload reads the record again and makes this request's unsaved changes on
// it. It returns ErrNotFound if the session has ended; nothing changes then.
// Data of a Typed stays as it is.
func (s *Session) Reload(ctx context.Context) error {
	s.commits.Lock()
	defer s.commits.Unlock()
	s.mu.Lock()
	at, closed, epoch := s.at, s.closed, s.epoch
	s.mu.Unlock()
	switch {
	case closed:
		return errReturned
	case at.id == "":
		return nil
	}
	look := func(id string) (found stored, err error) {
		err = s.m.find(ctx, id, new(reading), &found)
		return found, err
	}
	newer, err := look(at.id)
	if err == nil {
		newer, err = s.m.follow(newer, look)
	}
	if err != nil {
		return s.m.report(ctx, at, err)
	}
	if newer.id == at.id {
		newer.tok = at.tok
	}
	return s.rebase(newer, 0, epoch, true)
}

// hasCookie reports whether the response is to bring a token.
func (s *Session) hasCookie() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cookie.kind == cookieSet
}

// setCookie decides what the response tells the browser.
func (s *Session) setCookie(c cookieChange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cookie = c
}

// apply makes a change and remembers it for replay.
func (s *Session) apply(e edit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errReturned
	}
	s.now.begin()
	if err := e(&s.now); err != nil {
		return err
	}
	s.log = append(s.log, e)
	s.edits++
	return nil
}

// changed reports whether a save would write something, Data of a Typed
// included.
func (s *Session) changed() bool {
	s.mu.Lock()
	typed := s.typed
	s.mu.Unlock()
	return collect(typed, s) != nil || s.Modified()
}

// closeIfSettled ends the use of the session if its request left nothing to be
// done.
func (s *Session) closeIfSettled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closeIf(!s.committing && s.quiet(commitLate))
}

// closeIfSaved ends the use of the session if nothing was done to it since it
// was saved.
func (s *Session) closeIfSaved() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closeIf(len(s.log) == 0 && len(s.doomed) == 0 && s.unfit == nil)
}

// close ends the use of the session with its request.
func (s *Session) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeIf(true)
}

// closeIf needs s.mu.
func (s *Session) closeIf(so bool) bool {
	if so {
		s.closed, s.now.values = true, envelope.Values{}
	}
	return so
}

// Format prints the id and nothing secret, for every verb.
func (s *Session) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "session("+s.ID()+")")
}
