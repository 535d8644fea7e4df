package otterstore

// Settle does what is left to do after writes.
func (s *Store) Settle() { s.cache.CleanUp() }

// Indexed returns how many entries the index of subjects holds.
func (s *Store) Indexed() (n int) {
	for i := range s.index.shards {
		for _, e := range s.index.shards[i].first {
			for ; e != nil; e = e.next {
				n++
			}
		}
	}
	return n
}

// Bytes returns the weight of all records.
func (s *Store) Bytes() int64 { return int64(s.cache.WeightedSize()) }
