package sessions

import "github.com/gosessions/sessions/internal/envelope"

// Destroy ends the session: the record is deleted, even if the handler panics
// or answers 5xx, and the client is told to forget its token. If the store
// fails, the response is the error page. If another request has changed the
// session's privileges, it is not ended, and the response is the error page
// with 409. A token that opens nothing is taken from the client as well. What is
// set afterwards goes into a new session. A Typed that was opened before is no
// longer saved.
func (s *Session) Destroy() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if s.base.standing == absent && s.client != nil && s.client.brought() { // the client's token opens nothing
		s.answer = answer{action: Clear}
	}
	s.giveUp()
}

// giveUp needs s.mu.
func (s *Session) giveUp() {
	doubt := s.seldom().doubt
	if s.base.standing != absent {
		e := s.base.ending()
		e.doubt = doubt
		s.giveUpToo(e)
	}
	if doubt != nil {
		if doubt.kind == taskCreate {
			s.giveUpToo(doubt.ending())
		}
		s.unusual.doubt = nil
	}
	for _, e := range s.seldom().missing {
		s.giveUpToo(e)
	}
	if s.unusual != nil {
		s.unusual.missing = nil
	}
	s.base, s.head, s.log, s.covered = base{}, state{limit: s.m.opts.MaxBytes}, nil, 0
	s.typed = nil
	s.fit(nil)
	if s.unusual != nil {
		s.unusual.barred = nil
	}
	s.fresh, s.stale, s.refresh = true, false, false
	s.changes++
	s.life++
}

// giveUpToo adds a record to those that Destroy has given up. It needs s.mu.
func (s *Session) giveUpToo(e ending) {
	u := s.keep()
	for i := range u.endings {
		if u.endings[i].id == e.id {
			u.endings[i] = e
			return
		}
	}
	u.endings = append(u.endings, e)
}

// destroyedSince reports whether Destroy was called after the last commit began.
func (s *Session) destroyedSince() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.life != s.before
}

// changeCount returns how often the session has changed.
func (s *Session) changeCount() int32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changes
}

// closeIf ends the use of the session with its request, unless it has changed
// since it was seen.
func (s *Session) closeIf(seen int32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes != seen {
		return false
	}
	s.close()
	return true
}

// leave ends the use of the session with its request, and reports whether
// something is left to be saved.
func (s *Session) leave() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := !s.closed && s.modified()
	s.close()
	return left
}

// close needs s.mu.
func (s *Session) close() { s.closed, s.head.values = true, envelope.Values{} }
