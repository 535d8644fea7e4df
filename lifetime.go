package sessions

import "time"

// Created returns when the session was made.
func (s *Session) Created() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.begin()
	return time.UnixMilli(s.now.created)
}

// LastSeen returns when the session was last used, as far as that is stored:
// a use is, once it makes a difference of a tenth of the idle timeout, and it
// cannot be told apart any more within the last idle timeout before the
// lifetime is over. A session that ends at a set time was last seen when its
// lifetime began.
func (s *Session) LastSeen() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.begin()
	began := time.UnixMilli(s.now.since)
	if s.at.id == "" {
		return began
	}
	idle := expiryOf(s.at.record).idle(&s.m.opts)
	if seen := s.at.expires.Add(-idle); idle > 0 && seen.After(began) {
		return seen
	}
	return began
}

// Expires returns when the session ends if it is not used again. For one that
// is new or modified this is what saving it now would make of it.
func (s *Session) Expires() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at.id != "" && !s.modified() {
		return s.at.expires
	}
	s.now.begin()
	return s.m.expires(&s.now, time.Now())
}

// Expiry returns the policy that SetExpiry gave the session, the zero Expiry if
// there is none.
func (s *Session) Expiry() Expiry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now.policy
}

// SetExpiry gives the session a policy of its own, which is stored with it
// and survives later writes. The zero Expiry goes back to the Options. A new
// session is not saved for this alone.
func (s *Session) SetExpiry(e Expiry) {
	_ = s.apply(func(st *state) error { st.policy = e; return nil })
}
