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
// A write that was acknowledged is on the disk: it is there after the process
// was killed and, where the disk keeps what it has said it wrote, after power
// was lost. So a logout is final. It costs a flush of the disk for each write;
// those who would rather lose the last moments with the power open the file
// themselves, with synchronous(NORMAL), and hand it to package sqlstore.
//
// Several processes may use one file, on one machine: SQLite's locks are not
// to be trusted on a network's file system.
//
// A file that Open makes is the owner's alone, with -wal and -shm beside it
// while it is open. The -wal file is bounded: beyond 16 MiB a write waits for
// readers, a tenth of a second at most, and shrinks it to 8 MiB. Only a single
// long read, such as a backup, lets it grow, until it ends. A copy for a backup is made by VACUUM INTO, not by copying
// the file.
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

// Store keeps records in a file. It is safe for concurrent use. Writes go
// through one connection, one after the other, so that they queue here, by
// their contexts, and do not wake each other up over the file's lock. Loads
// have connections of their own and wait for no write.
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

// Open opens the file, and makes it with its table if it is not there; its
// folder has to be. An error says what is wrong with the path, the file, or
// the table in it.
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

// Close ends the store once the calls under way have returned, and moves what
// is in the -wal file into the file itself.
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
