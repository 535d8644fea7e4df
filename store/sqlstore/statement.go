package sqlstore

import (
	"context"
	"database/sql"
	"sync/atomic"
)

// statement is one of a store's statements, prepared by its first use that
// succeeds. database/sql prepares it on each connection that it runs on, also
// after the server was restarted.
type statement struct {
	text     string
	prepared atomic.Pointer[sql.Stmt]
}

// executor is the database, or one connection to it.
type executor interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// runner is a prepared statement, or the text for a driver that prepares.
type runner struct {
	on   executor
	text string
	stmt *sql.Stmt // if set, what runs
}

// on returns what runs the statement. Goroutines that come first at once all
// prepare, rather than wait without a deadline for one of them.
func (st *statement) on(ctx context.Context, s *Store) (runner, error) {
	r := runner{on: s.on, text: st.text}
	if !s.dialect.prepare || s.on != executor(s.db) {
		return r, nil
	}
	if r.stmt = st.prepared.Load(); r.stmt != nil {
		return r, nil
	}
	stmt, err := s.db.PrepareContext(ctx, st.text)
	if err != nil {
		return r, err
	}
	if !st.prepared.CompareAndSwap(nil, stmt) {
		_ = stmt.Close()
		stmt = st.prepared.Load()
	}
	r.stmt = stmt
	return r, nil
}

func (r runner) exec(ctx context.Context, args ...any) (sql.Result, error) {
	if r.stmt != nil {
		return r.stmt.ExecContext(ctx, args...)
	}
	return r.on.ExecContext(ctx, r.text, args...)
}

func (r runner) query(ctx context.Context, args ...any) (*sql.Rows, error) {
	if r.stmt != nil {
		return r.stmt.QueryContext(ctx, args...)
	}
	return r.on.QueryContext(ctx, r.text, args...)
}

// exec runs a statement that changes records, and returns its result.
func (s *Store) exec(ctx context.Context, op string, st *statement, args ...any) (result sql.Result, err error) {
	err = s.faults.Retry(ctx, op, func() error {
		if err := s.check(ctx, args); err != nil {
			return err
		}
		r, err := st.on(ctx, s)
		if err != nil {
			return err
		}
		result, err = r.exec(ctx, args...)
		return err
	})
	return result, err
}

// check returns an error if the server would lose or change the arguments of a
// write.
func (s *Store) check(ctx context.Context, args []any) error {
	if s.settings == nil {
		return nil
	}
	size := 0
	for _, a := range args {
		if b, ok := a.([]byte); ok {
			size += len(b)
		}
	}
	return s.settings.Check(size, func(text string) *sql.Row { return s.on.QueryRowContext(ctx, text) })
}

// query runs a statement that reads, and gives its rows to read, which begins
// anew each time that it is called.
func (s *Store) query(ctx context.Context, op string, st *statement, read func(*sql.Rows) error, args ...any) error {
	return s.faults.Retry(ctx, op, func() error {
		r, err := st.on(ctx, s)
		if err != nil {
			return err
		}
		rows, err := r.query(ctx, args...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // what it returns, Err has told
		if err := read(rows); err != nil {
			return err
		}
		return rows.Err()
	})
}
