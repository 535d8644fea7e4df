package memstore

// Subjects returns the number of subjects in the index.
func (s *Store) Subjects() (n int) {
	for i := range s.shards {
		n += len(s.shards[i].subjects)
	}
	return n
}
