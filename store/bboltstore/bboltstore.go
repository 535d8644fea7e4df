// Package bboltstore keeps session records in a file, by bbolt, a key-value
// store that runs within the program: for one process whose sessions survive
// a restart. It needs no server and no cgo, and starts no goroutine.
//
//	st, err := bboltstore.Open("sessions.bolt")
//	if err != nil {
//		return err
//	}
//	defer st.Close()
//
// # What is safe
//
// A write that was acknowledged is on the disk: it is there after the process
// was killed and, where the disk keeps what it has said it wrote, after power
// was lost. That costs a flush of the disk, which writes that arrive meanwhile
// share. A file that was cut off in the middle of a write needs no repair.
//
// A full disk is an error of each write that needs room, a deletion perhaps
// among them, for it writes new pages before it frees the old. Loads go on.
// Sweep removes fewer at once then, and so makes room for the others.
//
// # The file
//
// One process has the file at a time, and another's Open fails at once; what
// several processes share is for package sqlitestore. The file is the owner's
// alone. A copy is made while no process has it open.
//
// The room of what was deleted or swept is used again, so the file is as large
// as it had to be once, and does not shrink. "bbolt compact", the command of
// bbolt's own, writes a smaller copy.
//
// Open reads all keys, to find damage before it does harm and room that is
// free: about a second for a million records.
//
// # Why bbolt
//
// Of the embedded key-value stores in Go it answers a full disk with an error,
// where Badger ends the program and Pebble waits for ever; it starts no
// goroutine, and has the fastest loads. docs/embedded.md has the figures, and
// those of package sqlitestore.
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

// Open opens the file, and makes it if it is not there; its folder has to be.
// An error says what is wrong with the path or the file, or that another
// process, or another Store of this one, has it open.
func Open(path string) (*Store, error) {
	db, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("bboltstore: open %q: %w", path, err)
	}
	return &Store{db: db, turn: make(chan struct{}, 1)}, nil
}

// Close ends the store once the calls under way have returned, and lets go of
// the file. Calls that come later fail. To close twice is no error.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("bboltstore: close: %w", err)
	}
	return nil
}
