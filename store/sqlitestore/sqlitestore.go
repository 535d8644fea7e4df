// Package sqlitestore keeps session records in an SQLite file, for programs
// on one machine whose sessions survive a restart. It needs no server and no
// cgo.
//
//	st, err := sqlitestore.Open("sessions.db")
//	if err != nil {
//		return err
//	}
//	defer st.Close()
//
// # What is safe
//
// Acknowledged writes survive a crash of the process. They also survive a power
// failure, if the disk flushes when it is told to. So a logout is final. Each
// write costs a flush of the disk. If the last moments before a power failure
// do not matter, open the file yourself with synchronous(NORMAL), and give it to
// package sqlstore.
//
// Several processes on one machine may use one file. Do not put it on a network
// file system, where SQLite's locks are unreliable.
//
// Only the owner can read a file that [Open] makes. While it is open, files with
// the endings -wal and -shm are beside it. The -wal file is bounded: beyond 16
// MiB a write waits for readers, for a tenth of a second at most, and shrinks
// the file to 8 MiB. While one long read lasts, such as a backup, the file grows.
// To make a backup, use VACUUM INTO; do not copy the file.
package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/sqlstore"
)

// Store keeps records in a file. It is safe for concurrent use. Writes use one
// connection, one after the other. They wait in this process, where their
// contexts end the wait, and not at the file's lock. Loads have other
// connections and do not wait for writes.
type Store struct {
	writer, reader *sql.DB
	write, read    *sqlstore.Store
	log            writeAhead
}

var (
	_ store.Toucher = (*Store)(nil)
	_ store.Sweeper = (*Store)(nil)
	_ store.Lister  = (*Store)(nil)
)

// Open opens the file. If there is none, it makes the file with its table; the
// folder must exist. The error says what is wrong with the path, the file or the
// table.
func Open(path string) (*Store, error) {
	s := new(Store)
	if err := s.open(path); err != nil {
		_ = s.close() // of which err is the cause
		return nil, fmt.Errorf("sqlitestore: open %q: %w", path, err)
	}
	return s, nil
}

func (s *Store) open(path string) error {
	isNew, err := check(path)
	if err != nil {
		return err
	}
	s.log.path = path + "-wal"
	s.log.next.Store(logWait)
	if s.writer, err = connect(path, fmt.Sprintf("_pragma=synchronous(FULL)&_pragma=journal_size_limit(%d)", logKept)); err != nil {
		return err
	}
	s.writer.SetMaxOpenConns(1)
	if s.reader, err = connect(path, "_pragma=query_only(1)"); err != nil {
		return err
	}
	s.reader.SetMaxOpenConns(readers)
	s.reader.SetMaxIdleConns(readers)
	opts := sqlstore.Options{Dialect: sqlstore.SQLite}
	if s.write, err = sqlstore.New(s.writer, opts); err != nil {
		return err
	}
	if s.read, err = sqlstore.New(s.reader, opts); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := prepare(ctx, s.writer, path, isNew); err != nil {
		return err
	}
	return explain(s.write.Migrate(ctx))
}

// Close waits for calls under way, moves the content of the -wal file into the
// file itself, and closes it.
func (s *Store) Close() error {
	if err := s.close(); err != nil {
		return fmt.Errorf("sqlitestore: close: %w", err)
	}
	return nil
}

// close leaves the writer for last: SQLite's last connection tidies up.
func (s *Store) close() error {
	var errs []error
	for _, db := range []*sql.DB{s.reader, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// Create inserts a record. The id of an expired record that was not swept yet
// is taken.
func (s *Store) Create(ctx context.Context, r store.Record) error {
	defer s.log.bound(ctx, s.writer)
	return s.write.Create(ctx, r)
}

// Load returns a live record.
func (s *Store) Load(ctx context.Context, id string) (store.Record, error) {
	return s.read.Load(ctx, id)
}

// Save replaces a live record of the same version.
func (s *Store) Save(ctx context.Context, r store.Record) error {
	defer s.log.bound(ctx, s.writer)
	return s.write.Save(ctx, r)
}

// Delete removes a record, if it is there.
func (s *Store) Delete(ctx context.Context, id string) error {
	defer s.log.bound(ctx, s.writer)
	return s.write.Delete(ctx, id)
}

// Touch moves the expiry of a live record of the same version, later only.
func (s *Store) Touch(ctx context.Context, id string, version uint64, expires time.Time) error {
	defer s.log.bound(ctx, s.writer)
	return s.write.Touch(ctx, id, version, expires)
}

// Sweep removes up to limit expired records, those first that expired first.
// Other writes wait for it, so limit is small: a thousand take some
// milliseconds.
func (s *Store) Sweep(ctx context.Context, limit int) (int, error) {
	defer s.log.bound(ctx, s.writer)
	return s.write.Sweep(ctx, limit)
}

// List yields the live records of a subject, ordered by id. Calls of the
// store from within the loop are fine.
func (s *Store) List(ctx context.Context, subject string) iter.Seq2[store.Record, error] {
	return s.read.List(ctx, subject)
}
