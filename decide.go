package sessions

import "context"

// decide finds out what there is to do, all of it but the store's part.
func (s *Session) decide(ctx context.Context, mode commitMode, extra *edit, t *task) (due bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for changes := s.changes - 1; changes != s.changes; { // at least once
		switch u := s.seldom(); {
		case s.closed:
			return false, errReturned
		case u.barred != nil:
			return false, u.barred
		case u.unfit != nil:
			return false, u.unfit
		case extra == nil && len(s.log) == 0 && !s.upkeepDue(mode):
			return false, nil
		}
		n := len(s.log)
		t.base, t.next, t.log, t.covered, t.life = s.base, s.head.clone(), s.log[:n:n], int32(n), s.life
		t.passive, t.stale, t.refresh = s.passive, s.stale, s.refresh
		if changes = s.changes; extra != nil { // which is in part the user's code
			t.log = append(t.log, *extra)
			if t.next, err = s.outside(t.next, extra); err != nil {
				return false, err
			}
		}
	}
	if t.base.standing == earlier && t.next.token == tokenRenewed { // done by another request
		t.next.token = tokenKept
	}
	t.write = s.m.vault.Begin(ctx)
	now := t.write.Began()
	switch deliverable := (mode == commitBegin || s.reachable()) && !s.upgrading; {
	case !t.base.live():
		if t.kind, err = t.beginning(s.m); err != nil {
			return false, err
		}
		if t.kind == taskNone {
			s.head, s.log = t.next, t.log // a claim has taken what was not saved yet
			return false, nil
		}
		if t.next.subject == "" && s.client != nil {
			if err := s.client.refusal(); err != nil {
				return false, err
			}
		}
	case s.m.limits.over(t.base.Record, t.base.Subject, t.base.Expires) <= now:
		return false, errEnded
	case s.m.limits.end(t.next.terms()) <= now:
		if extra != nil {
			return false, errEnded
		}
		s.giveUp()
		t.kind = taskEnd
		return true, nil
	case t.base.standing == earlier && t.next.token == tokenElevated:
		if !t.base.begins(t.next.subject) {
			return false, errSuperseded
		}
		t.kind, t.inherits = taskCreate, true
	case t.base.differs(&t.next):
		t.kind = taskReplace
		t.renewIfDue(s.m, deliverable, now)
	case mode != commitBegin && len(t.log) > 0:
		t.kind = taskVerify // the edits cancel out, if the record is still the same
	default:
		s.log, s.covered = nil, 0 // the edits cancel out
		s.head = s.base.state(s.m.opts.MaxBytes)
		t.log, t.covered = nil, 0
		due := t.upkeep(s.m, mode)
		if renewed := t.renewIfDue(s.m, deliverable, now); s.untouched || !due && !renewed {
			return false, nil
		}
	}
	if t.needsClient() && mode != commitBegin && !s.reachable() {
		return false, ErrHeadersSent
	}
	s.covered = t.covered
	return true, nil
}

// outside makes one more edit without the lock, which s holds before and after,
// also if the user's code panics.
func (s *Session) outside(st state, e *edit) (state, error) {
	s.mu.Unlock()
	defer s.mu.Lock()
	return st.with(e)
}

// upkeepDue reports whether a session without changes needs a write. It needs
// s.mu.
func (s *Session) upkeepDue(mode commitMode) bool {
	switch {
	case !s.base.live() || s.untouched:
		return false
	case s.passive:
		return s.base.unseen()
	case s.refresh && mode == commitBegin:
		return true
	}
	used := mode.used(&s.base)
	return s.m.upkeep(&s.base, &s.head, used, s.stale) != taskNone ||
		mode == commitBegin && s.m.renewalDue(&s.base, &s.head, used)
}
