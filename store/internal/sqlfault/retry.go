package sqlfault

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Store describes a store for the texts of its errors.
type Store struct {
	Package string            // the package's name, at the front of each error
	Table   string            // the table's name
	Make    string            // what to do if the table does not exist
	Replace string            // what to do if the table has other columns
	Fault   func(error) Fault // the fault of a database error, such as [MySQL]

	// Discard replaces connections to a database that has become read-only. If
	// nil, such a database stays an error.
	Discard func(ctx context.Context)
}

const (
	tries     = 8                    // how often Retry runs a statement at most
	firstWait = 4 * time.Millisecond // the longest wait before the second run; each later limit is double the one before
)

// Retry calls run until it succeeds. After an error, it calls run again only if
// the fault is [Busy] or [Unprepared], which say that the statement had no
// effect, or after Discard if it is [ReadOnly]. It gives up after 8 calls, or
// when ctx ends. The error begins with the package and op, and says what to do.
func (s Store) Retry(ctx context.Context, op string, run func() error) error {
	for try := 1; ; try++ {
		err := run()
		if err == nil {
			return nil
		}
		fault := s.meaning(err)
		again := fault == Busy || fault == Unprepared
		if fault == ReadOnly && s.Discard != nil {
			s.Discard(ctx)
			again = true
		}
		if !again || try == tries || !Pause(ctx, firstWait<<(try-1)) {
			return s.explain(ctx, op, fault, err)
		}
	}
}

// meaning returns the fault of an error of the database or of database/sql,
// whose errors differ only in their texts.
func (s Store) meaning(err error) Fault {
	fault := s.Fault(err)
	switch text := err.Error(); {
	case fault != Unknown:
	case strings.Contains(text, "sql: statement is closed"): // GORM closes statements that other goroutines still use
		return Unprepared
	case strings.Contains(text, "sql: Scan error"):
		return OtherTable
	}
	return fault
}

// Pause waits for a random time below most. It reports false if ctx ended
// before.
func Pause(ctx context.Context, most time.Duration) bool {
	timer := time.NewTimer(rand.N(most))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// explain wraps an error and says what to do.
func (s Store) explain(ctx context.Context, op string, fault Fault, err error) error {
	if ended := ctx.Err(); ended != nil {
		if errors.Is(err, ended) {
			return fmt.Errorf("%s: %s: %w", s.Package, op, err)
		}
		return fmt.Errorf("%s: %s: %w: %w", s.Package, op, ended, err) // a driver's error may not contain the context's
	}
	if fault == Unknown {
		return fmt.Errorf("%s: %s: %w", s.Package, op, err)
	}
	return fmt.Errorf("%s: %s: %s: %w", s.Package, op, s.advice(fault), err)
}

func (s Store) advice(fault Fault) string {
	switch fault {
	case Busy:
		return "the database was busy at each try"
	case Unprepared:
		return "a prepared statement is gone or no longer fits its table: behind a pooler let the driver prepare none, and start this program again after altering the table"
	case NoTable:
		return "there is no table " + s.Table + ": " + s.Make
	case Escaped:
		return "the server sends bytes in the format escape: set bytea_output to hex, for example by ALTER ROLE … SET bytea_output = hex"
	case OtherTable:
		return "the table " + s.Table + " is not as Migrate makes it: " + s.Replace
	case Refused:
		return "the database refuses this user: check user, password and database of the data source"
	case NoDatabase:
		return "there is no such database or schema: create it, or correct its name"
	case Forbidden:
		return "the database user lacks a privilege: it needs SELECT, INSERT, UPDATE and DELETE on " + s.Table + ", and if the table or an index is missing, let the owner " + s.Make
	case ReadOnly:
		return "the database is read-only: connect to one that may be written, the primary and no replica"
	case Full:
		return "the database is full: make room on its disk or raise its limit; sweeping frees expired records"
	case TooLarge:
		return "the record is larger than the database takes: keep less in it, or raise the limit, which in MySQL is max_allowed_packet"
	case Crowded:
		return "the server has no connection left: lower SetMaxOpenConns of its programs, or raise its limit"
	case CannotOpen:
		return "the database file cannot be opened: check that the path names an SQLite file in a folder that may be written"
	}
	return ""
}
