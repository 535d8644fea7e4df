package sqlstore

import (
	"strings"

	"github.com/gosessions/sessions/store/internal/sqlfault"
)

// dialect is the SQL of one engine for one table. The arguments of each text
// are the same in all of them, in the order that is given here.
type dialect struct {
	create string // id, expires, subject, data
	load   string // id, now
	save   string // expires, subject, data, id, version, now
	remove string // id
	touch  string // expires, id, version, now
	sweep  string // now, limit; if it reports, also where to begin
	list   string // subject, now, the id to begin after, limit

	script []string // makes the table with its indexes, if they are missing
	parts  []part   // the same as Migrate makes it
	begin  []string // what Migrate runs before it looks for the parts
	commit []string // and after it has made them

	// prepare is set where it is database/sql's prepared statement that makes
	// a call one round trip, and not the driver's own.
	prepare bool

	// byInsertID is set where a create and a touch tell whether they met a
	// record by the last insert id, because the number of rows does not.
	byInsertID bool

	// failover is set for servers that may become read-only while another takes
	// their place. Before a connection to one is closed, end is executed on it.
	failover bool
	end      string

	// sweepReports is set where a sweep is a query for three numbers: how many
	// rows it removed, how many it looked at, and where it ended.
	sweepReports bool

	text  func(string) any           // an id or a subject as it is sent
	fault func(error) sqlfault.Fault // what the engine's error means
}

// part is the table or one of its indexes.
type part struct {
	name  string // for errors
	there string // a query that reports whether the part is there and of use
	make  string // what makes it
}

// literal returns a quoted name as a string of SQL.
func literal(quoted string) string { return "'" + strings.Trim(quoted, "`\"") + "'" }

// names are the names in a table's SQL, quoted.
type names struct {
	table        string // with its schema
	schema       string // with a point behind it, or nothing
	bare         string // the table without its schema
	expiresIndex string // unlike MySQL's, these are names in the schema
	subjectIndex string
	lock         int64 // for processes that migrate at once
}

// What an index is called behind the name of its table.
const (
	expiresSuffix = "_expires"
	subjectSuffix = "_subject"
)

func asBytes(s string) any { return []byte(s) }
func asText(s string) any  { return s }
