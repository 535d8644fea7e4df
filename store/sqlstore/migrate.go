package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"slices"
	"strings"
)

// Migrate makes the table and its indexes where they are missing. Any number
// of processes may call it at once, each time that they start. It makes
// neither database nor schema, and returns an error for a table of that name
// that has other columns. Of PostgreSQL and SQLite it leaves nothing half
// done; MySQL makes the table with its indexes in one statement.
func (s *Store) Migrate(ctx context.Context) error {
	return s.faults.Retry(ctx, "migrate", func() error { return s.migrate(ctx) })
}

func (s *Store) migrate(ctx context.Context) (err error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // gives it back
	if err = s.build(ctx, conn); err != nil && len(s.dialect.commit) > 0 {
		rollBack(ctx, conn)
	}
	return err
}

// build runs the schema, and prepares all statements, which fails if the table
// has other columns. It does so before the transaction ends: until then a
// pooler keeps to one connection, on which it also drops them.
func (s *Store) build(ctx context.Context, conn *sql.Conn) error {
	for _, text := range slices.Concat(s.dialect.begin, s.dialect.schema) {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return err
		}
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
	for _, text := range s.dialect.commit {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// rollBack ends the transaction, also when ctx has ended. There may be one
// though its begin has failed, and none though its commit has: drivers of
// SQLite report a statement that was through as cancelled if ctx has ended
// meanwhile. A connection that cannot is thrown away.
func rollBack(ctx context.Context, conn *sql.Conn) {
	_, err := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	if err != nil && !strings.Contains(err.Error(), "no transaction is active") {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}
