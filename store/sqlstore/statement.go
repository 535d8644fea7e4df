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

// runner is a prepared statement, or the text for a driver that prepares.
type runner struct {
	db   *sql.DB
	text string
	stmt *sql.Stmt // if set, what runs
}

// on returns what runs the statement. Goroutines that come first at once all
// prepare, rather than wait without a deadline for one of them.
func (st *statement) on(ctx context.Context, s *Store) (runner, error) {
	r := runner{db: s.db, text: st.text}
	if !s.dialect.prepare {
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
	return r.db.ExecContext(ctx, r.text, args...)
}

func (r runner) query(ctx context.Context, args ...any) (*sql.Rows, error) {
	if r.stmt != nil {
		return r.stmt.QueryContext(ctx, args...)
	}
	return r.db.QueryContext(ctx, r.text, args...)
}

// exec runs a statement that changes records, and returns its result.
func (s *Store) exec(ctx context.Context, op string, st *statement, args ...any) (result sql.Result, err error) {
	err = s.faults.Retry(ctx, op, func() error {
		r, err := st.on(ctx, s)
		if err != nil {
			return err
		}
		result, err = r.exec(ctx, args...)
		return err
	})
	return result, err
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
