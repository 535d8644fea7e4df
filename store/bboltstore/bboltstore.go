// Package bboltstore keeps session records in a file of bbolt, a key-value store
// within the program. It is for one process whose sessions survive a restart. It
// needs no server and no cgo, and starts no goroutine.
//
//	st, err := bboltstore.Open("sessions.bolt")
//	if err != nil {
//		return err
//	}
//	defer st.Close()
//
// # What is safe
//
// Acknowledged writes survive a crash of the process. They also survive a power
// failure, if the disk flushes when it is told to. Writes that arrive during a
// flush share the next one. After a crash in the middle of a write the file needs
// no repair.
//
// If the disk is full, writes that need space return an error. A deletion may
// need space, too, because it writes new pages before it frees the old ones.
// Loads continue. Sweep then removes fewer records at once, and so makes room.
//
// # The file
//
// One process has the file open at a time. [Open] in another process fails at
// once; if several processes share a file, use package sqlitestore. Only the
// owner can read the file. To make a backup, copy it while no process has it
// open.
//
// The space of deleted records is used again, and the file does not shrink. The
// command "bbolt compact" writes a smaller copy.
//
// [Open] reads all keys, to find damage before it does harm, and to find free
// pages. It takes about a second for a million records.
//
// # Why bbolt
//
// On a full disk bbolt returns an error. Badger ends the program, and Pebble waits
// forever. bbolt starts no goroutine, and its loads are the fastest of the three.
// docs/embedded.md has the figures, and those of package sqlitestore.
package bboltstore

import (
	"fmt"
	"sync"

	"github.com/gosessions/sessions/store"
	bolt "go.etcd.io/bbolt"
)

// Store keeps records in a file. It is safe for concurrent use. Loads read
// from mapped memory and wait for no write.
type Store struct {
	db *bolt.DB

	turn    chan struct{} // holds a value while somebody commits
	queueMu sync.Mutex
	queue   []*write
}

var (
	_ store.Toucher = (*Store)(nil)
	_ store.Sweeper = (*Store)(nil)
	_ store.Lister  = (*Store)(nil)
)

// Open opens the file, and makes it if there is none; the folder must exist. The
// error says what is wrong with the path or the file, or that another process or
// another Store has it open.
func Open(path string) (*Store, error) {
	db, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("bboltstore: open %q: %w", path, err)
	}
	return &Store{db: db, turn: make(chan struct{}, 1)}, nil
}

// Close waits for calls under way, and closes the file. Later calls return an
// error. Closing twice has no further effect.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("bboltstore: close: %w", err)
	}
	return nil
}
