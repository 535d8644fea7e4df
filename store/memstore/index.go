package memstore

// place is where a record stands in the list of its subject's records. The
// subject's shard guards the links.
type place struct {
	id, subject   string
	before, after *place
}

// index adds a record to the list of its subject. It returns nil if the record
// has no subject.
func (s *Store) index(id, subject string) *place {
	if subject == "" {
		return nil
	}
	p := &place{id: id, subject: subject}
	sh := s.shard(subject)
	sh.subjectMu.Lock()
	defer sh.subjectMu.Unlock()
	if sh.subjects == nil {
		sh.subjects = make(map[string]*place)
	}
	if p.after = sh.subjects[subject]; p.after != nil {
		p.after.before = p
	}
	sh.subjects[subject] = p
	return p
}

// unindex removes a record from the list of its subject.
func (s *Store) unindex(p *place) {
	if p == nil {
		return
	}
	sh := s.shard(p.subject)
	sh.subjectMu.Lock()
	defer sh.subjectMu.Unlock()
	if p.after != nil {
		p.after.before = p.before
	}
	switch {
	case p.before != nil:
		p.before.after = p.after
	case p.after != nil:
		sh.subjects[p.subject] = p.after
	default:
		delete(sh.subjects, p.subject)
	}
}

// ids returns the IDs of a subject's records.
func (s *Store) ids(subject string) (ids []string) {
	sh := s.shard(subject)
	sh.subjectMu.Lock()
	defer sh.subjectMu.Unlock()
	for p := sh.subjects[subject]; p != nil; p = p.after {
		ids = append(ids, p.id)
	}
	return ids
}
