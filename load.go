package sessions

import (
	"context"
	"errors"

	"github.com/gosessions/sessions/internal/envelope"
	"github.com/gosessions/sessions/internal/token"
	"github.com/gosessions/sessions/internal/vault"
)

// load returns the session that a request's token opens, or a new one, and
// what there is to tell. An error means that the store could not say.
func (m *Manager) load(ctx context.Context, brought *token.Values, c client) (*Session, []Event, error) {
	switch brought.N {
	case 0:
		return m.begin(c), nil, nil
	case 1:
		s, told, err := m.open(ctx, brought.Of[0], c)
		if errors.Is(err, errReused) {
			told, err = m.reused(ctx, &s.base.Snapshot, told), nil
			s.base = base{}
		}
		return s, told, err
	}
	return m.choose(ctx, brought.Of[:brought.N], c)
}

// begin returns a session without a record.
func (m *Manager) begin(c client) *Session {
	return &Session{m: m, client: c, fresh: true, head: state{limit: m.opts.MaxBytes}}
}

// choose returns the session of the one value that opens one. A browser sends
// several cookies of a name if their Domain, Path or Partitioned differ, and
// anyone on a sibling domain can add one: so two sessions are none. Of two
// tokens of one session, the current one counts.
func (m *Manager) choose(ctx context.Context, values []string, c client) (*Session, []Event, error) {
	var chosen, dead *Session
	var told []Event
	for _, value := range values {
		s, events, err := m.open(ctx, value, c)
		switch {
		case errors.Is(err, errReused): // perhaps the token of a scope that is no longer in use
			s.base = base{}
		case err != nil:
			return nil, append(told, events...), err
		}
		switch {
		case !s.base.live():
			told = append(told, events...)
			if dead == nil || s.base.standing == refused {
				dead = s
			}
		case chosen == nil, chosen.base.ID == s.base.ID && s.base.standing == current:
			chosen = s
		case chosen.base.ID != s.base.ID:
			return m.begin(c), []Event{{Kind: EventRejected, Err: errTwoTokens}}, nil
		}
	}
	if chosen != nil {
		return chosen, nil, nil
	}
	return dead, told, nil
}

// open returns the session that a token opens, or a new one, and what there is
// to tell. After errReused, the base is the record of the newer token.
func (m *Manager) open(ctx context.Context, value string, c client) (*Session, []Event, error) {
	var both struct { // in one allocation
		Session
		vault.Reading
	}
	s := &both.Session
	s.m, s.client, s.fresh = m, c, true
	sealedByFirstKey, told, err := m.admit(ctx, value, &both.Reading, &s.base)
	switch {
	case err == nil:
		s.stale, s.fresh = !sealedByFirstKey, !s.base.live()
	case errors.Is(err, ErrUnavailable):
		return nil, told, err
	case errors.Is(err, errReused):
		s.head.limit = m.opts.MaxBytes
		return s, told, err
	case errors.Is(err, ErrCorrupt) && !errors.Is(err, errors.ErrUnsupported):
		s.answer.action = Clear
	}
	s.head = s.base.state(m.opts.MaxBytes)
	return s, told, nil
}

// nobody is a verifier that no token has.
var nobody envelope.Verifier

// admit finds the live record that a token opens, and what the token may do
// with it. The flag says whether the first key sealed the token. An unknown id
// and a wrong secret take the same way and the same time, except for the read.
// The base is zero before, and after an error; after errReused, it is the record.
func (m *Manager) admit(ctx context.Context, value string, into *vault.Reading, b *base) (sealedByFirstKey bool, told []Event, err error) {
	tok, sealedByFirstKey, ok := m.sealer.Open(value)
	if !ok {
		if value != "" {
			told = []Event{{Kind: EventRejected, Err: errMalformed}}
		}
		return false, told, errMalformed
	}
	id := tok.ID()
	err = m.vault.Find(ctx, id, &b.Snapshot, into)
	verifier := tok.Verifier(m.opts.Namespace)
	isNow, isBefore := opens(verifier, b.Record)
	if err == nil && !isNow && !isBefore { // another process may just have made the token
		if newer, ok, newerErr := m.vault.Refresh(ctx, id); ok {
			b.Snapshot, err = newer, newerErr
			isNow, isBefore = opens(verifier, b.Record)
		}
	}
	switch {
	case err != nil:
		if ctx.Err() == context.Canceled { // a client that went away says nothing about the store
			return sealedByFirstKey, nil, err
		}
		kind := EventExpired
		if !errors.Is(err, ErrNotFound) {
			kind = eventOf(err)
		}
		return sealedByFirstKey, []Event{{Kind: kind, ID: id, Err: err}}, err
	case isNow:
		b.tok, b.standing, b.loaded = tok, current, b.Subject
		return sealedByFirstKey, nil, nil
	case !isBefore:
		*b = base{}
		return sealedByFirstKey, []Event{{Kind: EventRejected, ID: id, Err: errWrong}}, errWrong
	}
	switch r, grace := b.Record, m.opts.RenewGrace.Milliseconds(); {
	case !r.Elevated && (r.Seen == 0 || b.Read < r.Seen+grace):
		b.tok, b.standing, b.loaded = tok, earlier, b.Subject
		return sealedByFirstKey, nil, nil
	case r.Elevated && b.Read < r.Renewed+grace:
		b.tok, b.standing = tok, refused
		return sealedByFirstKey, []Event{{Kind: EventExpired, ID: id, Err: errEnded}}, nil
	}
	return sealedByFirstKey, []Event{{Kind: EventReused, ID: id, Subject: b.Subject, Err: errReused}}, errReused
}

// opens reports whether a verifier is that of a record's current token, or of
// the one before. It takes the same time if there is no record.
func opens(verifier envelope.Verifier, r *envelope.Record) (isNow, isBefore bool) {
	now, before := &nobody, &nobody
	if r != nil {
		now = r.Verifier
		if r.Earlier != nil {
			before = r.Earlier
		}
	}
	isNow = token.Equal(verifier, now)
	return isNow, !isNow && token.Equal(verifier, before)
}

// reused ends the session of a token that a newer one has replaced, if the
// options say so, and adds to what there is to tell. It spares a session whose
// newer token came with other privileges: otherwise anyone who planted a token
// before a login could end what came of it.
func (m *Manager) reused(ctx context.Context, s *vault.Snapshot, told []Event) []Event {
	if !m.opts.EndOnReuse || s.Record.Elevated {
		return told
	}
	w := m.vault.Begin(ctx)
	if err := w.Delete(s.ID); err != nil {
		return append(told, Event{Kind: EventUnavailable, ID: s.ID, Subject: s.Subject, Err: err})
	}
	return append(told, Event{Kind: EventDestroyed, ID: s.ID, Subject: s.Subject})
}
