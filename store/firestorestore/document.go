package firestorestore

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"cloud.google.com/go/firestore"

	"github.com/gosessions/sessions/store"
)

// A record's document has three fields. What no query names is in one map, so
// that one exemption keeps it out of the indexes:
//
//	subject   hash of the subject, for List; none without a subject
//	expireAt  a minute after the record expires, for Sweep and time to live
//	record    map
//	  id, subject  text; bytes if it is not UTF-8
//	  version      integer
//	  expires      integer, milliseconds since 1970 in UTC
//	  data         bytes
//	  write        integer, random: which save has written it
const (
	subjectField = "subject"
	ttlField     = "expireAt"
	recordField  = "record"
	expiresPath  = recordField + ".expires"
)

// grace is how much longer than the record lives the document is kept, so
// that the server's clock decides nothing.
const grace = time.Minute

// errForeign is the fault of a document that is no record.
var errForeign = errors.New("the document is no record of this package")

// key names a document: part of a hash, so that ids that count upwards are
// spread over the servers that have the collection, and any text is an id.
type key [16]byte

func keyOf(text string) key {
	sum := sha256.Sum256([]byte(text))
	return key(sum[:])
}

// String returns a name that Firestore takes: it never ends in an underscore,
// for the last character has only two bits.
func (k key) String() string { return base64.RawURLEncoding.EncodeToString(k[:]) }

// document is what is stored of a record.
type document struct {
	store.Record
	expires int64 // milliseconds since 1970
	write   int64 // the save's mark
	updated int64 // by the server's clock, in nanoseconds since 1970; differs for any two writes
}

// state is what a write has to know of it.
func (d *document) state() state { return state{d.Version, d.expires, d.updated} }

// fields returns the value of the record's map.
func fields(r store.Record, version uint64, write int64) map[string]any {
	data := r.Data
	if data == nil {
		data = []byte{} // nil would be another type
	}
	return map[string]any{
		"id":      text(r.ID),
		"subject": text(r.Subject),
		"version": int64(version),
		"expires": r.Expires.UnixMilli(),
		"data":    data,
		"write":   write,
	}
}

// maxRecord leaves a document of 1 MiB some room for names and times.
const maxRecord = 1_000_000 // bytes of data and subject

// fits returns an error for a record that is too large: what the server says
// of it says less, or nothing at all.
func fits(r store.Record) error {
	if n := len(r.Data) + len(r.Subject); n > maxRecord {
		return fmt.Errorf("data and subject have %d bytes, and a document takes %d: keep less in a session", n, maxRecord)
	}
	return nil
}

// ttl returns when a document may be collected.
func ttl(expires int64) time.Time { return time.UnixMilli(expires).Add(grace).UTC() }

// text returns a value for any text: strings have to be UTF-8.
func text(s string) any {
	if utf8.ValidString(s) {
		return s
	}
	return []byte(s)
}

func untext(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case []byte:
		return string(v), true
	}
	return "", false
}

// decode reads a document. Its Data shares memory with the snapshot.
func decode(snap *firestore.DocumentSnapshot) (document, error) {
	m, _ := snap.Data()[recordField].(map[string]any)
	id, ok1 := untext(m["id"])
	subject, ok2 := untext(m["subject"])
	version, ok3 := m["version"].(int64)
	expires, ok4 := m["expires"].(int64)
	data, ok5 := m["data"].([]byte)
	write, ok6 := m["write"].(int64)
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) || version < 1 || keyOf(id).String() != snap.Ref.ID {
		return document{}, fmt.Errorf("%w: %s", errForeign, snap.Ref.Path)
	}
	return document{
		Record:  store.Record{ID: id, Version: uint64(version), Expires: time.UnixMilli(expires), Subject: subject, Data: data},
		expires: expires,
		write:   write,
		updated: snap.UpdateTime.UnixNano(),
	}, nil
}
