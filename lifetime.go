package sessions

import "time"

// Created returns when the session was made.
func (s *Session) Created() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.head.begin()
	return time.UnixMilli(s.head.created)
}

// LastSeen returns the time of the last recorded use. Uses are recorded at a
// resolution of one tenth of the idle timeout. Within the last idle timeout
// before the end of the lifetime, and for a session without an idle timeout, it
// may be earlier.
func (s *Session) LastSeen() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.head.begin()
	seen := s.head.since
	if s.base.live() && s.base.Record.Idle > 0 {
		seen = max(seen, s.base.Expires-s.base.Record.Idle)
	}
	return time.UnixMilli(seen)
}

// Expires returns when the session ends if it is not used again. For one that
// is new or modified this is what saving it now would make of it.
func (s *Session) Expires() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.base.live() && !s.modified() {
		return time.UnixMilli(min(s.base.Expires, s.m.limits.over(s.base.Record, s.base.Subject, s.base.Expires)))
	}
	s.head.begin()
	return time.UnixMilli(s.m.limits.expires(s.head.terms(), time.Now().UnixMilli()))
}

// Expiry returns the policy that SetExpiry gave the session, and the zero
// Expiry if there is none.
func (s *Session) Expiry() Expiry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.head.policy
}

// SetExpiry gives the session a policy of its own, which is stored with it
// and survives later writes. The zero Expiry goes back to the Options. A new
// session is not saved for this alone.
func (s *Session) SetExpiry(e Expiry) {
	_ = s.apply(applying(func(st *state) error { st.policy = e; return nil }))
}
