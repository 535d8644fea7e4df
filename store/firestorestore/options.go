package firestorestore

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"cloud.google.com/go/firestore"
)

// DefaultCollection has the records if Options.Collection is empty.
const DefaultCollection = "sessions"

// Options say where the records are.
type Options struct {
	// Collection is the path of the collection: one name, or names of
	// collections and documents in turn, such as "tenants/ann/sessions".
	// The default is [DefaultCollection]. It is made by the first record in it. No other
	// program may keep documents there, and applications that share a database
	// have one each, with a last name of its own: time to live and indexes are
	// set for that name.
	Collection string
}

// New returns a store that keeps its records by a client, which stays the
// caller's, to close as well. New only checks the options, and returns all
// that is wrong with them in one error; it asks the server nothing.
func New(client *firestore.Client, opts Options) (*Store, error) {
	path := cmp.Or(opts.Collection, DefaultCollection)
	faults := pathFaults(path)
	if client == nil {
		faults = append(faults, errors.New("client is nil: make one with firestore.NewClient"))
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("firestorestore: %w", errors.Join(faults...))
	}
	return &Store{client: client, records: client.Collection(path), near: newNear(nearSize)}, nil
}

// pathFaults returns what Firestore would refuse about a collection's path.
func pathFaults(path string) (faults []error) {
	refuse := func(why string) {
		faults = append(faults, fmt.Errorf("Options.Collection is %q: %s", path, why))
	}
	names := strings.Split(path, "/")
	if len(names)%2 == 0 {
		refuse("it has an even number of names, which is the path of a document")
	}
	if !utf8.ValidString(path) {
		refuse("it is not UTF-8")
	}
	for _, name := range names {
		switch {
		case name == "":
			refuse("a name is empty")
		case name == "." || name == "..":
			refuse("a name is only dots")
		case len(name) >= 4 && strings.HasPrefix(name, "__") && strings.HasSuffix(name, "__"):
			refuse("names between two underscores on either side are Firestore's own")
		case len(name) > maxName:
			refuse(fmt.Sprintf("a name has more than %d bytes", maxName))
		}
	}
	return faults
}

const maxName = 1500 // bytes of a name in a path
