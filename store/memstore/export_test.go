package memstore

// Subjects returns how many subjects there is memory for.
func (s *Store) Subjects() (n int) {
	for i := range s.shards {
		n += len(s.shards[i].subjects)
	}
	return n
}
