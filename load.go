package sessions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gosessions/sessions/internal/deadline"
	"github.com/gosessions/sessions/internal/envelope"
	"github.com/gosessions/sessions/internal/token"
	"github.com/gosessions/sessions/store"
)

// grace is how long a retired record tells writes under way what became of
// the session.
const grace = time.Minute

// maxHops bounds how many renewals a write under way follows.
const maxHops = 8

// errRetired means that an id was renewed or destroyed a moment ago.
var errRetired = fmt.Errorf("sessions: renewed or destroyed: %w", ErrNotFound)

// load returns the session that the request's cookie stands for, or a new
// one. An error means that the store could not say.
func (m *Manager) load(ctx context.Context, sc *scope) (*Session, error) {
	value, found := token.FromHeader(sc.r.Header["Cookie"], m.opts.Name)
	if found == token.Many {
		m.event(ctx, Event{Kind: EventRejected, Err: errTwoTokens})
	}
	if found != token.One {
		return &Session{m: m, scope: sc, fresh: true}, nil
	}
	var both struct { // in one allocation
		Session
		reading
	}
	s := &both.Session
	s.m, s.scope, s.fresh = m, sc, true
	current, err := m.admit(ctx, value, &both.reading, &s.at)
	switch {
	case err == nil:
		s.now, s.stale, s.fresh = s.at.state(), !current, false
		return s, nil
	case errors.Is(err, ErrUnavailable):
		return nil, err
	case errors.Is(err, ErrCorrupt) && !errors.Is(err, errors.ErrUnsupported):
		s.cookie.kind = cookieRemoved
	}
	s.over = errors.Is(err, errRetired)
	if s.at.id != "" {
		mark := s.at
		s.at, s.before = stored{}, &mark
	}
	return s, nil
}

// nobody is a verifier that no token has.
var nobody [32]byte

var (
	errTwoTokens = errors.New("two different session cookies")
	errMalformed = fmt.Errorf("sessions: malformed token: %w", ErrNotFound)
	errWrong     = fmt.Errorf("sessions: wrong token: %w", ErrNotFound)
)

// admit finds the live record that a token stands for, and tells events. The
// flag says whether the cookie's key is the current one. An unknown id and a
// wrong secret take the same way and the same time, but for the read. With
// errRetired comes the mark of a renewal, if the token is the one before it;
// other errors leave at empty.
func (m *Manager) admit(ctx context.Context, value string, into *reading, at *stored) (current bool, err error) {
	tok, current, ok := m.sealer.Open(value)
	if !ok {
		if value != "" {
			m.event(ctx, Event{Kind: EventRejected, Err: errMalformed})
		}
		return false, errMalformed
	}
	id := tok.ID()
	err = m.read(ctx, id, into, at)
	verifier := nobody[:]
	if at.record != nil {
		verifier = at.record.Verifier
	}
	right := tok.Matches(m.opts.Namespace, verifier)
	switch {
	case err != nil:
		kind := EventExpired
		switch {
		case errors.Is(err, ErrUnavailable):
			kind = EventUnavailable
		case errors.Is(err, ErrCorrupt):
			kind = EventCorrupt
		}
		if right && errors.Is(err, errRetired) {
			return current, err
		}
		if ctx.Err() != context.Canceled { // a client that went away says nothing about the store
			m.event(ctx, Event{Kind: kind, ID: id, Err: err})
		}
		*at = stored{}
		return current, err
	case !right:
		m.event(ctx, Event{Kind: EventRejected, ID: id, Err: errWrong})
		*at = stored{}
		return current, errWrong
	}
	at.tok = tok
	return current, nil
}

// reading is what one read of the store needs. It is used once: a store may
// hold on to its context.
type reading struct {
	ctx    deadline.Context
	record envelope.Record
}

// read finds the live record of an id. It returns ErrNotFound (errRetired for
// one that has just been renewed or destroyed), ErrCorrupt or ErrUnavailable.
// A record that is in the way of nobody is left as it is.
func (m *Manager) read(ctx context.Context, id string, into *reading, at *stored) error {
	if err := m.find(ctx, id, into, at); err != nil {
		return err
	}
	return m.alive(at)
}

// find finds an id's record, live or retired, as long as ctx lasts.
func (m *Manager) find(ctx context.Context, id string, into *reading, at *stored) error {
	now := time.Now()
	into.ctx.Start(ctx, now.Add(m.opts.LoadTimeout), isScope)
	return m.fetch(id, into, now, at)
}

// alive returns nil for a record that was live when it was read.
func (m *Manager) alive(at *stored) error {
	switch {
	case at.record.Kind != envelope.Live:
		if at.read.Sub(time.UnixMilli(at.record.Since)) >= grace {
			return ErrNotFound
		}
		return errRetired
	case !at.read.Before(expiryOf(at.record).end(&m.opts, at.record.Since)):
		return ErrNotFound
	}
	return nil
}

// fetch finds an id's record, live or retired.
func (m *Manager) fetch(id string, into *reading, now time.Time, at *stored) error {
	defer into.ctx.Stop()
	r, err := m.store.Load(&into.ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return ErrNotFound
	case err != nil:
		return unavailable("load", err)
	}
	r.ID = id // the checksum tells whether it is
	return m.open(&r, &into.record, now, at)
}

// open reads a store's record, live or retired.
func (m *Manager) open(r *store.Record, into *envelope.Record, now time.Time, at *stored) error {
	if !now.Before(r.Expires) {
		return ErrNotFound
	}
	if err := into.Decode(r.ID, r.Data); err != nil {
		if errors.Is(err, envelope.ErrFormat) {
			return fmt.Errorf("%w: %w (%w)", ErrCorrupt, err, errors.ErrUnsupported)
		}
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	at.id, at.version, at.expires, at.subject, at.read, at.record = r.ID, r.Version, r.Expires, r.Subject, now, into
	return nil
}

// follow returns the live record of a session that this request has loaded:
// the one that it looked at, or what that was renewed to by somebody of the
// same privilege.
func (m *Manager) follow(at stored, look func(id string) (stored, error)) (stored, error) {
	for range maxHops {
		err := m.alive(&at)
		if !errors.Is(err, errRetired) || at.record.Kind != envelope.Moved {
			return at, err
		}
		if at, err = look(at.record.Successor); err != nil {
			return at, err
		}
	}
	return at, ErrNotFound
}

// report tells the event that an error of talking to the store is, and
// returns the error.
func (m *Manager) report(ctx context.Context, at stored, err error) error {
	if kind := eventOf(err); kind != "" {
		m.event(ctx, Event{Kind: kind, ID: at.id, Subject: at.subject, Err: err})
	}
	return err
}

// eventOf returns the event that report tells of an error, or "".
func eventOf(err error) EventKind {
	switch {
	case errors.Is(err, ErrConflict):
		return EventConflict
	case errors.Is(err, ErrNotFound):
		return EventGone
	case errors.Is(err, ErrCorrupt):
		return EventCorrupt
	case errors.Is(err, ErrUnavailable):
		return EventUnavailable
	}
	return ""
}
