package dynamostore

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Names that are used where Options leave them empty.
const (
	DefaultTable = "sessions"
	DefaultKey   = "id"
	DefaultIndex = "by-subject"
)

// Options say where the records are. The zero value is a table of their own,
// with a partition key and nothing else; the other options are for tables that
// hold other items, too.
type Options struct {
	// Table is the table's name, or its ARN if another account owns it. The
	// default is [DefaultTable].
	Table string

	// PartitionKey is the table's, of type S. The default is the attribute
	// [DefaultKey], which holds the ID alone.
	PartitionKey Key

	// SortKey is the table's, of type S. If zero, the table has none.
	SortKey Key

	// Index is the global secondary index that List reads. Its partition key
	// is the attribute Subject, and it has no sort key: one would leave out
	// records that lack the attribute. It needs no other attributes than the
	// keys. The default is [DefaultIndex].
	Index string

	// Names of the attributes of a record: version (N), expires (N,
	// milliseconds since 1970), subject (S, only where there is one), data (B,
	// only where it is not empty) and ttl (N, seconds since 1970, for
	// DynamoDB's time to live). The defaults are these names.
	Version, Expires, Subject, Data, TTL string

	// SweepByScan is for tables without time to live. It makes Sweep read the
	// whole table, which costs as much each time. By default Sweep returns
	// errors.ErrUnsupported, so that Manager.Sweep does nothing.
	SweepByScan bool
}

// Key is an attribute of the table's key, and what it holds for a record: the
// id between Prefix and Suffix. Of two stores that share a table, neither's
// Prefix may begin with the other's, or one of them lists, revokes and sweeps
// the other's records as well.
type Key struct {
	Name           string // the attribute
	Prefix, Suffix string
	// Value is what the attribute holds for every record, in place of the id;
	// only for the sort key.
	Value string
}

// of returns what the attribute holds for an id.
func (k Key) of(id string) string {
	if k.Value != "" {
		return k.Value
	}
	return k.Prefix + id + k.Suffix
}

const (
	maxPartitionKey = 2048 // bytes; also of an index's
	maxSortKey      = 1024
	maxID           = 128
)

// valid are the names of tables and indexes that DynamoDB takes.
var valid = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

// New returns a store that keeps its records by a client, which stays the
// caller's. New only checks the options, and returns all that is wrong with
// them in one error; it asks the service nothing.
func New(client *dynamodb.Client, opts Options) (*Store, error) {
	opts = opts.filled()
	faults := opts.faults()
	if client == nil {
		faults = append(faults, errors.New("client is nil: make one with dynamodb.NewFromConfig"))
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("dynamostore: %w", errors.Join(faults...))
	}
	return &Store{client: client, opts: opts, table: aws.String(opts.Table), sweeping: make(chan struct{}, 1)}, nil
}

// filled returns the options with the defaults.
func (o Options) filled() Options {
	o.Table = cmp.Or(o.Table, DefaultTable)
	o.PartitionKey.Name = cmp.Or(o.PartitionKey.Name, DefaultKey)
	o.Index = cmp.Or(o.Index, DefaultIndex)
	o.Version = cmp.Or(o.Version, "version")
	o.Expires = cmp.Or(o.Expires, "expires")
	o.Subject = cmp.Or(o.Subject, "subject")
	o.Data = cmp.Or(o.Data, "data")
	o.TTL = cmp.Or(o.TTL, "ttl")
	return o
}

// faults returns what is wrong with options that are filled.
func (o Options) faults() (faults []error) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if len(o.Table) < 4 || o.Table[:4] != "arn:" {
		if !valid.MatchString(o.Table) {
			fault("Options.Table is %q: want 3 to 255 of a-z, A-Z, 0-9, _, - and .", o.Table)
		}
	}
	if !valid.MatchString(o.Index) {
		fault("Options.Index is %q: want 3 to 255 of a-z, A-Z, 0-9, _, - and .", o.Index)
	}
	if o.PartitionKey.Value != "" {
		fault("Options.PartitionKey.Value is %q: all records would be in one partition", o.PartitionKey.Value)
	}
	if o.SortKey.Name == "" && o.SortKey != (Key{}) {
		fault("Options.SortKey has no Name")
	}
	if o.SortKey.Value != "" && (o.SortKey.Prefix != "" || o.SortKey.Suffix != "") {
		fault("Options.SortKey has a Value, and a Prefix or Suffix that it would not use")
	}
	if n := len(o.PartitionKey.Prefix) + len(o.PartitionKey.Suffix) + maxID; n > maxPartitionKey {
		fault("Options.PartitionKey may need %d bytes with the id, %d are allowed", n, maxPartitionKey)
	}
	if n := max(len(o.SortKey.Value), len(o.SortKey.Prefix)+len(o.SortKey.Suffix)+maxID); n > maxSortKey {
		fault("Options.SortKey may need %d bytes, %d are allowed", n, maxSortKey)
	}
	if !utf8.ValidString(o.PartitionKey.of("x")) {
		fault("Options.PartitionKey has a Prefix or Suffix that is not UTF-8")
	}
	if !utf8.ValidString(o.SortKey.of("x")) {
		fault("Options.SortKey has a Prefix, Suffix or Value that is not UTF-8")
	}
	used := make(map[string]string)
	for _, a := range []struct{ option, name string }{
		{"PartitionKey", o.PartitionKey.Name}, {"SortKey", o.SortKey.Name}, {"Version", o.Version},
		{"Expires", o.Expires}, {"Subject", o.Subject}, {"Data", o.Data}, {"TTL", o.TTL},
	} {
		if a.name == "" {
			continue // no sort key
		}
		if other, ok := used[a.name]; ok {
			fault("Options.%s and Options.%s are both the attribute %q", other, a.option, a.name)
		}
		if !utf8.ValidString(a.name) {
			fault("Options.%s names an attribute that is not UTF-8: %q", a.option, a.name)
		}
		if len(a.name) > 255 {
			fault("Options.%s has %d bytes, 255 are allowed", a.option, len(a.name))
		}
		used[a.name] = a.option
	}
	return faults
}
