package sqlstore

import "github.com/gosessions/sessions/store/internal/sqlfault"

// dialect is the SQL of one engine for one table. The arguments of each text
// are the same in all of them, in the order that is given here.
type dialect struct {
	create string // id, expires, subject, data
	load   string // id, now
	save   string // expires, subject, data, id, version, now
	remove string // id
	touch  string // expires, id, version, now
	sweep  string // now, limit
	list   string // subject, now, the id to begin after, limit

	schema []string // makes the table
	begin  []string // what Migrate runs before that
	commit []string // and after it

	// prepare is set where it is database/sql's prepared statement that makes
	// a call one round trip, and not the driver's own.
	prepare bool

	// byInsertID is set where a create and a touch tell whether they met a
	// record by the last insert id, because the number of rows does not.
	byInsertID bool

	text  func(string) any           // an id or a subject as it is sent
	fault func(error) sqlfault.Fault // what the engine's error means
}

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
