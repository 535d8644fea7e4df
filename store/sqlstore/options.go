package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"

	"github.com/gosessions/sessions/store/internal/sqlfault"
)

// DefaultTable is the table's name if Options.Table is empty.
const DefaultTable = "sessions"

// Dialect is the SQL that a database speaks.
type Dialect uint8

// The dialects. The zero Dialect is none of them.
const (
	PostgreSQL Dialect = iota + 1
	MySQL              // MariaDB too
	SQLite
	LibSQL // not for the files of an SQLite driver, nor the other way round
)

// String returns the name of the dialect.
func (d Dialect) String() string {
	switch d {
	case PostgreSQL:
		return "PostgreSQL"
	case MySQL:
		return "MySQL"
	case SQLite:
		return "SQLite"
	case LibSQL:
		return "LibSQL"
	}
	return fmt.Sprintf("Dialect(%d)", uint8(d))
}

// Options say what the database is and where its table is. Names consist of
// the letters A to Z and a to z, digits and underscores, and begin with no
// digit. They are quoted, so that reserved words and upper case are as they
// are written.
type Options struct {
	// Dialect is required.
	Dialect Dialect

	// Schema is the schema of the table in PostgreSQL, the database in MySQL,
	// the name of an attached file in SQLite and libSQL. It must exist. If empty,
	// the table is where the connection looks first.
	Schema string

	// Table is the table's name. The default is [DefaultTable]. It has at most 64
	// characters, 55 in PostgreSQL, whose names have 63 bytes and whose
	// indexes are named after the table.
	Table string
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// faults returns what is wrong with the options.
func (o Options) faults() (faults []error) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	check := func(field, name string, limit int) {
		switch {
		case !identifier.MatchString(name):
			fault("Options.%s is %q: a name has letters, digits and underscores, and begins with no digit", field, name)
		case len(name) > limit:
			fault("Options.%s has %d characters: at most %d", field, len(name), limit)
		}
	}
	schema, table := 64, 64
	switch o.Dialect {
	case PostgreSQL:
		schema = 63
		table = schema - len(subjectSuffix)
	case MySQL:
	case SQLite, LibSQL:
		if strings.HasPrefix(strings.ToLower(o.Table), "sqlite_") {
			fault("Options.Table is %q: names that begin with sqlite_ are reserved", o.Table)
		}
	default:
		fault("Options.Dialect is %v: name PostgreSQL, MySQL, SQLite or LibSQL", o.Dialect)
	}
	if o.Schema != "" {
		check("Schema", o.Schema, schema)
	}
	check("Table", o.Table, table)
	return faults
}

// resolve returns the SQL for the options, or all their faults and those given
// in one error.
func (o Options) resolve(faults ...error) (dialect, error) {
	o.Table = cmp.Or(o.Table, DefaultTable)
	if faults = append(faults, o.faults()...); len(faults) > 0 {
		return dialect{}, fmt.Errorf("sqlstore: %w", errors.Join(faults...))
	}
	dialects := map[Dialect]func(names) dialect{PostgreSQL: postgresql, MySQL: mysql, SQLite: sqlite, LibSQL: libsql}
	return dialects[o.Dialect](o.names()), nil
}

// names returns the names for a table's SQL, quoted.
func (o Options) names() names {
	quote := func(name string) string {
		if o.Dialect == MySQL {
			return "`" + name + "`"
		}
		return `"` + name + `"`
	}
	n := names{bare: quote(o.Table), expiresIndex: quote(o.Table + expiresSuffix), subjectIndex: quote(o.Table + subjectSuffix)}
	if o.Schema != "" {
		n.schema = quote(o.Schema) + "."
	}
	n.table = n.schema + n.bare
	h := fnv.New64a()
	_, _ = h.Write([]byte("sqlstore " + n.bare)) // a process may name the schema, and another find it
	n.lock = int64(h.Sum64())
	return n
}

// Schema returns the SQL that makes the table and its indexes, for those who
// run it themselves instead of calling Migrate. It is what Migrate runs, and
// changes nothing where all is there. The error is that of New.
func Schema(opts Options) (string, error) {
	d, err := opts.resolve()
	if err != nil {
		return "", err
	}
	return strings.Join(d.script, ";\n\n") + ";\n", nil
}

// New returns a store that keeps its records in a table of db, which stays
// the caller's: its limits, and to close it. New only checks the options, and
// returns all that is wrong with them in one error; it asks the database
// nothing, so a program can start while the database is down.
func New(db *sql.DB, opts Options) (*Store, error) {
	var wrong []error
	if db == nil {
		wrong = append(wrong, errors.New("db is nil: open one with sql.Open"))
	}
	d, err := opts.resolve(wrong...)
	if err != nil {
		return nil, err
	}
	faults := sqlfault.Store{
		Package: "sqlstore",
		Table:   cmp.Or(opts.Table, DefaultTable),
		Make:    "call Migrate, or run the SQL that sqlstore.Schema returns",
		Replace: "name another in Options.Table, or alter it",
		Fault:   d.fault,
	}
	if d.failover {
		faults.Discard = func(ctx context.Context) { sqlfault.Discard(ctx, db, d.end) }
	}
	if opts.Schema != "" {
		faults.Table = opts.Schema + "." + faults.Table
	}
	return newStore(db, db, d, faults), nil
}

// newStore returns a store whose statements run on the database or on one
// connection to it.
func newStore(db *sql.DB, on executor, d dialect, faults sqlfault.Store) *Store {
	s := &Store{db: db, on: on, dialect: d, faults: faults}
	if d.byInsertID {
		s.settings = new(sqlfault.MySQLSettings)
	}
	s.create.text, s.load.text, s.save.text, s.remove.text = d.create, d.load, d.save, d.remove
	s.touch.text, s.sweep.text, s.list.text = d.touch, d.sweep, d.list
	s.swept.Store(beginning)
	return s
}
