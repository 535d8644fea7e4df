package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// advice says what to do about an error.
type advice string

const (
	unknown    advice = ""
	again      advice = "the database was busy at each try"
	noTable    advice = "there is no table %s: call Migrate, or run the SQL that sqlstore.Schema returns"
	otherTable advice = "the table %s is not what sqlstore.Schema makes: name another in Options.Table, or alter it"
	refused    advice = "the database refuses this user: check user, password and database of the data source"
	noDatabase advice = "there is no such database or schema: create it, or correct the data source and Options.Schema"
	forbidden  advice = "the database user lacks a privilege: grant SELECT, INSERT, UPDATE and DELETE on %s, and for Migrate CREATE"
	readOnly   advice = "the database is read-only: connect to one that may be written, the primary and no replica"
	full       advice = "the database is full: make room on its disk or raise its limit; sweeping frees expired records"
	cannotOpen advice = "the database file cannot be opened: check that the path names an SQLite file in a folder that may be written"
)

const (
	tries     = 8                    // of a statement that met another
	firstWait = 4 * time.Millisecond // at most, before the second; doubled from then on
)

// retry runs a statement until it is through. It is run again only where the
// engine says that nothing was done.
func (s *Store) retry(ctx context.Context, op string, run func() error) error {
	for try := 1; ; try++ {
		err := run()
		if err == nil {
			return nil
		}
		advice := s.dialect.fault(err)
		if advice != again || try == tries || !pause(ctx, firstWait<<(try-1)) {
			return s.explain(ctx, op, advice, err)
		}
	}
}

// pause waits for a random part of a time. It reports false if ctx ended.
func pause(ctx context.Context, most time.Duration) bool {
	timer := time.NewTimer(rand.N(most))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// explain wraps an error with what to do about it.
func (s *Store) explain(ctx context.Context, op string, advice advice, err error) error {
	if ended := ctx.Err(); ended != nil {
		if errors.Is(err, ended) {
			return fmt.Errorf("sqlstore: %s: %w", op, err)
		}
		return fmt.Errorf("sqlstore: %s: %w: %w", op, ended, err) // drivers do not always say why they gave up
	}
	if advice == unknown && strings.Contains(err.Error(), "sql: Scan error") {
		advice = otherTable
	}
	if advice == unknown {
		return fmt.Errorf("sqlstore: %s: %w", op, err)
	}
	return fmt.Errorf("sqlstore: %s: %s: %w", op, strings.ReplaceAll(string(advice), "%s", s.table), err)
}
