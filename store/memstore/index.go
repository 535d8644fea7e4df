package memstore

func (s *Store) index(e *entry) {
	if e.Subject == "" {
		return
	}
	sh := s.shard(e.Subject)
	sh.subjectMu.Lock()
	defer sh.subjectMu.Unlock()
	if sh.subjects == nil {
		sh.subjects = make(map[string]*entry)
	}
	if e.after = sh.subjects[e.Subject]; e.after != nil {
		e.after.before = e
	}
	sh.subjects[e.Subject] = e
}

func (s *Store) unindex(e *entry) {
	if e.Subject == "" {
		return
	}
	sh := s.shard(e.Subject)
	sh.subjectMu.Lock()
	defer sh.subjectMu.Unlock()
	if e.after != nil {
		e.after.before = e.before
	}
	switch {
	case e.before != nil:
		e.before.after = e.after
	case e.after != nil:
		sh.subjects[e.Subject] = e.after
	default:
		delete(sh.subjects, e.Subject)
	}
	e.before, e.after = nil, nil
}

func (s *Store) ids(subject string) (ids []string) {
	sh := s.shard(subject)
	sh.subjectMu.Lock()
	defer sh.subjectMu.Unlock()
	for e := sh.subjects[subject]; e != nil; e = e.after {
		ids = append(ids, e.ID)
	}
	return ids
}
