package mongostore

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/gosessions/sessions/store"
)

var (
	errForeign = errors.New("the document is no session's")
	errLoose   = errors.New("another document was found than was asked for")
)

// maxRecord leaves a document of 16 MiB some room for its other fields.
const maxRecord = 16<<20 - 1<<10 // bytes of data and subject

// fits returns an error for what no document can hold: BSON has strings for
// UTF-8 only, and of what is too large each server says something else.
func fits(r store.Record) error {
	switch n := len(r.Data) + len(r.Subject); {
	case !utf8.ValidString(r.ID):
		return errors.New("the id is not UTF-8, and MongoDB has no other text")
	case !utf8.ValidString(r.Subject):
		return errors.New("the subject is not UTF-8, and MongoDB has no other text")
	case n > maxRecord:
		return fmt.Errorf("data and subject have %d bytes, and a document takes %d: keep less in a session", n, maxRecord)
	}
	return nil
}

// content returns the fields of a document but its id. Nobody's record has no
// subject, so that it is not in the index.
func content(r store.Record) bson.D {
	d := make(bson.D, 0, 5)
	d = append(d, bson.E{Key: "v", Value: int64(r.Version)}, bson.E{Key: "exp", Value: moment(r.Expires)})
	if r.Subject != "" {
		d = append(d, bson.E{Key: "sub", Value: r.Subject})
	}
	return append(d, bson.E{Key: "data", Value: bson.Binary{Data: r.Data}})
}

// moment is a time in milliseconds, rounded down.
func moment(t time.Time) bson.DateTime { return bson.DateTime(t.UnixMilli()) }

// decode returns the record of a document, whose bytes it shares.
func decode(document bson.Raw) (store.Record, error) {
	var r store.Record
	wrong := func(key, want string) (store.Record, error) {
		return store.Record{}, fmt.Errorf("%w: field %s is missing or no %s", errForeign, key, want)
	}
	var ok bool
	if r.ID, ok = document.Lookup("_id").StringValueOK(); !ok {
		return wrong("_id", "string")
	}
	version, ok := document.Lookup("v").AsInt64OK()
	if !ok || version < 1 {
		return wrong("v", "version")
	}
	r.Version = uint64(version)
	expires, ok := document.Lookup("exp").DateTimeOK()
	if !ok {
		return wrong("exp", "date")
	}
	r.Expires = time.UnixMilli(expires)
	if subject, err := document.LookupErr("sub"); err == nil {
		if r.Subject, ok = subject.StringValueOK(); !ok {
			return wrong("sub", "string")
		}
	}
	if _, r.Data, ok = document.Lookup("data").BinaryOK(); !ok {
		return wrong("data", "binary data")
	}
	return r, nil
}
