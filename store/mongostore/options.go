package mongostore

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

// DefaultCollection is the collection's name if Options.Collection is empty.
const DefaultCollection = "sessions"

// Options say where the records are.
type Options struct {
	// Collection is the name of the collection, which is for records alone. The
	// default is [DefaultCollection]. It contains no $ and no zero byte, and does
	// not begin with "system.". Together with the database's name and a dot it
	// has at most 255 bytes. Applications that share a database have one each.
	Collection string
}

const maxNamespace = 255 // bytes

// New returns a store that keeps its records in a collection of db, whose
// client stays the caller's, to disconnect as well. Whatever the client's
// options say, writes are acknowledged by a majority and on disk, and reads go
// to the primary. New only checks the options, and returns all that is wrong
// with them in one error; it asks the server nothing, so a program can start
// while the database is down.
func New(db *mongo.Database, opts Options) (*Store, error) {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	name := cmp.Or(opts.Collection, DefaultCollection)
	if strings.ContainsAny(name, "$\x00") || strings.HasPrefix(name, "system.") || !utf8.ValidString(name) {
		fault("Options.Collection is %q: a name is text without $ and zero bytes and does not begin with system.", name)
	}
	var full string
	if db == nil {
		faults = append(faults, errors.New("db is nil: take one from a client, client.Database(…)"))
	} else if full = db.Name() + "." + name; len(full) > maxNamespace {
		fault("Options.Collection has %d bytes, %d with the database's name: at most %d", len(name), len(full), maxNamespace)
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("mongostore: %w", errors.Join(faults...))
	}
	return &Store{records: collection(db, name), name: full}, nil
}

// collection returns one of which nothing is left to the client's options.
func collection(db *mongo.Database, name string) *mongo.Collection {
	journal := true // of one server, a majority is in its memory
	return db.Collection(name, options.Collection().
		SetWriteConcern(&writeconcern.WriteConcern{W: writeconcern.WCMajority, Journal: &journal}).
		SetReadPreference(readpref.Primary()).
		SetReadConcern(readconcern.Local()). // shows all that is acknowledged
		SetRegistry(bson.NewRegistry()))
}
