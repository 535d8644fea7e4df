package sessions

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gosessions/sessions/internal/token"
)

// maxTicket bounds the life of a ticket.
const maxTicket = time.Minute

// NewTicket saves the session and returns a one-time ticket, with which one
// request opens it by the transport [Ticket], within life: one minute at most,
// and ten seconds are plenty. Whoever is first has it, among all processes. The
// ticket opens nothing once the session has ended or changed its privileges.
// The store keeps a hash of it, as a value of the session under a key that
// begins with "sessions.ticket."; [Session.Clear] removes it. What is left of
// tickets that nobody used goes when the next one is made.
//
// Errors are those of [Session.Save] and [Session.Set], and [ErrNotFound] for a
// session without a subject and without values: it has no record that a ticket
// could open.
func (s *Session) NewTicket(ctx context.Context, life time.Duration) (string, error) {
	if life <= 0 || life > maxTicket {
		return "", fmt.Errorf("sessions: a ticket cannot live for %v; it is for one connection that is opened at once, so pass a time of up to %v, such as 10 * time.Second", life, maxTicket)
	}
	id, epoch, saved := s.saved()
	if !saved {
		if err := s.Save(ctx); err != nil {
			return "", err
		}
		if id, epoch, saved = s.saved(); !saved {
			return "", errNoTicket
		}
	}
	now := time.Now()
	for key := range s.Keys() {
		if k := Key[ticket](key); strings.HasPrefix(key, ticketPrefix) {
			if t, err := k.Get(s); err != nil || t.Expires <= now.UnixMilli() {
				k.Delete(s)
			}
		}
	}
	tok, err := token.New(id)
	if err != nil {
		return "", fmt.Errorf("sessions: %w", err)
	}
	if err := s.m.ticketKey(tok).Set(s, ticket{Expires: now.Add(life).UnixMilli(), Epoch: epoch}); err != nil {
		return "", err
	}
	if err := s.Save(ctx); err != nil {
		return "", err
	}
	return tok.Text(), nil
}

// ticket is what a session keeps of a ticket.
type ticket struct {
	Expires int64  // Unix milliseconds
	Epoch   uint32 // of the record: counts changes of privilege
}

const ticketPrefix = "sessions.ticket."

// ticketKey returns the key of a ticket, which does not show its secret.
func (m *Manager) ticketKey(t token.Token) Key[ticket] {
	v := t.Verifier(m.opts.Namespace)
	return Key[ticket](ticketPrefix + base64.RawURLEncoding.EncodeToString(v[:]))
}

var (
	errNoTicket   = fmt.Errorf("%w: a ticket needs one with a subject or a value", ErrNotFound)
	errTicketUsed = fmt.Errorf("%w: the ticket was used already, or is over", ErrNotFound)
)

// saved returns the record's id and epoch, and whether the session has a record
// whose privileges nothing pending will change.
func (s *Session) saved() (id string, epoch uint32, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.base.ID, s.base.epoch(), s.base.live() && s.head.token == tokenKept
}

// redeem returns the session that a ticket opens, or a new one, and what there
// is to tell. It knows nothing of the request yet: what it tells by itself is
// told before the request has a session.
func (m *Manager) redeem(ctx context.Context, text string, c client) (*Session, []Event, error) {
	refuse := func(kind EventKind, id string, err error) (*Session, []Event, error) {
		return m.begin(c), []Event{{Kind: kind, ID: id, Err: err}}, nil
	}
	tok, ok := token.Parse(text)
	if !ok {
		return refuse(EventRejected, "", errMalformed)
	}
	key := m.ticketKey(tok)
	s, err := m.Find(ctx, tok.ID())
	if err == nil && !s.Has(string(key)) { // another process may just have made it
		newer, ok, newerErr := m.vault.Refresh(ctx, tok.ID())
		switch {
		case ok && newerErr != nil:
			err = m.tellRead(ctx, tok.ID(), "", newerErr)
		case ok:
			s = m.unopened(newer)
		}
	}
	if errors.Is(err, ErrNotFound) {
		return refuse(EventExpired, tok.ID(), err)
	}
	if err != nil {
		return nil, nil, err
	}
	epoch := s.base.epoch()
	t, ok, err := key.Claim(ctx, s)
	switch {
	case err != nil:
		return nil, nil, err
	case !ok, t.Epoch != epoch, time.Now().UnixMilli() >= t.Expires:
		return refuse(EventRejected, tok.ID(), errTicketUsed)
	}
	s.client, s.passive = c, false
	return s, nil, nil
}
