package cachestore

// Stats count what a Store has done so far.
type Stats struct {
	Hits     uint64 // loads from the cache
	Misses   uint64 // loads from the backend
	Refused  uint64 // of these, not cached: the record may have changed meanwhile, or the cache is not used
	Failures uint64 // errors of the cache and the channel
}

// Stats returns the counts.
func (s *Store) Stats() Stats {
	return Stats{s.hits.Load(), s.misses.Load(), s.refused.Load(), s.failures.Load()}
}

// Ready reports whether the cache is used: with a Channel, whether it is
// connected.
func (s *Store) Ready() bool { return s.epoch.Load() != 0 }
