package surrealstore

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"

	surrealdb "github.com/surrealdb/surrealdb.go"
)

// DefaultTable is the table's name if Options.Table is empty.
const DefaultTable = "sessions"

// Options say where the records are.
type Options struct {
	// Table is the table's name, in the namespace and database that the client
	// uses. It has letters A to Z and a to z, digits and underscores, begins with
	// no digit and has at most 64 characters. The default is
	// [DefaultTable].
	Table string
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

// New returns a store that keeps its records by a client, which stays the
// caller's, to close as well. New only checks the options, and returns all
// that is wrong with them in one error; it asks the server nothing.
func New(db *surrealdb.DB, opts Options) (*Store, error) {
	var faults []error
	if db == nil {
		faults = append(faults, errors.New("db is nil: make one with surrealdb.FromConnection"))
	}
	table := cmp.Or(opts.Table, DefaultTable)
	if !identifier.MatchString(table) {
		faults = append(faults, fmt.Errorf("Options.Table is %q: a name has up to 64 letters, digits and underscores, and begins with no digit", table))
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("surrealstore: %w", errors.Join(faults...))
	}
	return &Store{db: db, table: table, statements: newStatements(table)}, nil
}
