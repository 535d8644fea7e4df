package firestorestore

// Remember empties the memory of a store, which then holds so many documents,
// twice at most.
func (s *Store) Remember(size int) { s.near = newNear(size) }

// Remembered returns how many documents a store remembers.
func (s *Store) Remembered() int {
	s.near.mu.Lock()
	defer s.near.mu.Unlock()
	return len(s.near.new) + len(s.near.old)
}
