package bboltstore

import (
	"github.com/gosessions/sessions/store"
	bolt "go.etcd.io/bbolt"
)

// HoldTurn lets no write be committed until release is called.
func (s *Store) HoldTurn() (release func()) {
	s.turn <- struct{}{}
	return func() { <-s.turn }
}

// Commits counts the transactions that were committed.
func (s *Store) Commits() (n int) {
	_ = s.db.View(func(tx *bolt.Tx) error { n = tx.ID(); return nil })
	return n
}

// Damage keeps what is no record under an id.
func (s *Store) Damage(id string) error {
	return s.db.Update(func(tx *bolt.Tx) error { return tablesOf(tx).records.Put([]byte(id), []byte("?")) })
}

// Keys counts the keys in the file.
func (s *Store) Keys() (n int) {
	_ = s.db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bolt.Bucket) error { n += b.Stats().KeyN; return nil })
	})
	return n
}

// Fill stores live records, many in a transaction.
func (s *Store) Fill(n int, record func(n int) store.Record) error {
	const batch = 10000
	for i := 0; i < n; i += batch {
		if err := s.db.Update(func(tx *bolt.Tx) error {
			for j := i; j < min(n, i+batch); j++ {
				if err := tablesOf(tx).put(store.Record{}, record(j)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}
