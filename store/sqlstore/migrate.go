package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/internal/sqlfault"
)

// Migrate makes the table and its indexes if they are missing, and then checks
// that the store works. Any number of processes may call it at once, each time
// that they start. It makes neither database nor schema. In PostgreSQL and
// SQLite an error leaves nothing half done; MySQL makes each part in one
// statement.
//
// If nothing is missing, Migrate needs no privilege but SELECT, INSERT, UPDATE
// and DELETE. So call it even if another tool makes the table.
//
// The check writes one record of its own and removes it. Migrate returns an
// error if the table has other columns, if two records can have one ID, if an
// index is missing and cannot be made, if the database changes bytes, or if it
// does not commit a write.
func (s *Store) Migrate(ctx context.Context) error {
	if err := s.faults.Retry(ctx, "migrate", func() error { return s.migrate(ctx) }); err != nil {
		return err
	}
	return s.try(ctx)
}

func (s *Store) migrate(ctx context.Context) (err error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // gives it back
	if err := s.over(conn).check(ctx, nil); err != nil {
		return err
	}
	if err = s.build(ctx, conn); err != nil && len(s.dialect.commit) > 0 {
		rollBack(ctx, conn)
	}
	return err
}

// over returns the store on one connection, for one goroutine.
func (s *Store) over(conn *sql.Conn) *Store {
	faults := s.faults
	faults.Discard = nil // the connection stays the same
	return newStore(s.db, conn, s.dialect, faults)
}

// build makes what is missing, and prepares all statements, which fails if the
// table has other columns. It does so before the transaction ends: until then a
// pooler keeps to one connection, on which it also drops them.
func (s *Store) build(ctx context.Context, conn *sql.Conn) error {
	for _, text := range s.dialect.begin {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	if err := s.complete(ctx, conn, s.dialect.parts[:1]); err != nil { // the table
		return err
	}
	for _, st := range []*statement{&s.create, &s.load, &s.save, &s.remove, &s.touch, &s.sweep, &s.list} {
		stmt, err := conn.PrepareContext(ctx, st.text)
		if err != nil {
			return err
		}
		if err := stmt.Close(); err != nil {
			return err
		}
	}
	if err := s.complete(ctx, conn, s.dialect.parts[1:]); err != nil {
		return err
	}
	for _, text := range s.dialect.commit {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// complete makes parts of the table unless they are there. It asks first,
// because an engine refuses IF NOT EXISTS to users without the privilege to make
// the part. It asks again afterwards, because IF NOT EXISTS is content with any
// relation of that name.
func (s *Store) complete(ctx context.Context, conn *sql.Conn, parts []part) error {
	for _, p := range parts {
		there := false
		if err := conn.QueryRowContext(ctx, p.there).Scan(&there); err != nil {
			return err
		}
		if there {
			continue
		}
		if _, err := conn.ExecContext(ctx, p.make); err != nil && sqlfault.MySQLNumber(err) != duplicateKeyName {
			return fmt.Errorf("%s is missing: %w", p.name, err)
		}
		if err := conn.QueryRowContext(ctx, p.there).Scan(&there); err != nil {
			return err
		}
		if !there {
			return fmt.Errorf("%s is missing, and its name is taken by something else or by an unfinished one: drop or rename that", p.name)
		}
	}
	return nil
}

// duplicateKeyName is MySQL's error for an index that is there, such as one
// that another process has just made.
const duplicateKeyName = 1061

// rollBack ends the transaction, also when ctx has ended. There may be one
// though its begin has failed, and none though its commit has: drivers of
// SQLite report a statement that was through as canceled if ctx has ended
// meanwhile. A connection that cannot is thrown away.
func rollBack(ctx context.Context, conn *sql.Conn) {
	_, err := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	if err != nil && !strings.Contains(err.Error(), "no transaction is active") {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

// try runs a record through the store on one connection, and removes it. If
// that fails halfway, the record expires after a minute.
func (s *Store) try(ctx context.Context) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("sqlstore: migrate: %w", err)
	}
	defer func() { _ = conn.Close() }()
	hostile := rand.Text() + "\x00\xff\xc3\\x41 'é日 "
	r := store.Record{
		ID: hostile, Version: 1, Subject: hostile, Data: []byte(hostile),
		Expires: time.Now().Add(time.Minute).Truncate(time.Millisecond),
	}
	on := s.over(conn)
	wrong, err := on.tryRecord(ctx, r, func() { _, _ = conn.ExecContext(ctx, "ROLLBACK") }) // an error if there is no transaction
	if gone := on.Delete(ctx, r.ID); err == nil {
		err = gone
	}
	if err == nil && wrong != "" {
		err = fmt.Errorf("sqlstore: migrate: the table %s does not work: %s", s.faults.Table, wrong)
	}
	return err
}

// tryRecord returns what is wrong with the table, or an error of the database.
func (s *Store) tryRecord(ctx context.Context, r store.Record, rollBack func()) (wrong string, err error) {
	switch err := s.Create(ctx, r); {
	case errors.Is(err, store.ErrExists):
		return "a new ID counts as taken: it may have no AUTO_INCREMENT and no trigger that inserts", nil
	case err != nil:
		return "", err
	}
	rollBack()
	switch got, err := s.Load(ctx, r.ID); {
	case errors.Is(err, store.ErrNotFound):
		return "a write was not committed: let each statement commit by itself (autocommit)", nil
	case err != nil:
		return "", err
	case got.Subject != r.Subject || string(got.Data) != string(r.Data) || !got.Expires.Equal(r.Expires) || got.Version != 1:
		return "it changes bytes or numbers: " + s.faults.Replace, nil
	}
	switch err := s.Create(ctx, r); {
	case err == nil:
		return "two records can have one ID: make id its primary key", nil
	case !errors.Is(err, store.ErrExists):
		return "", err
	}
	for _, want := range []error{nil, store.ErrConflict} { // the second is of the same version
		switch err := s.Save(ctx, r); {
		case err != nil && !errors.Is(err, store.ErrConflict):
			return "", err
		case !errors.Is(err, want):
			return "a save does not keep to versions: " + s.faults.Replace, nil
		}
	}
	listed := 0
	for got, err := range s.List(ctx, r.Subject) {
		if err != nil {
			return "", err
		}
		if got.ID == r.ID && string(got.Data) == string(r.Data) {
			listed++
		}
	}
	if listed != 1 {
		return fmt.Sprintf("it finds %d records by a subject that has one: %s, and in MariaDB look for sql_mode EMPTY_STRING_IS_NULL", listed, s.faults.Replace), nil
	}
	return "", nil
}
