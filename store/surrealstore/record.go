package surrealstore

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/surrealdb/surrealdb.go/pkg/models"

	"github.com/gosessions/sessions/store"
)

// row is a record as the server returns it. Its fields are of any type, for
// somebody else may have written it.
type row struct {
	ID      any `json:"id"`
	Version any `json:"version"`
	Expires any `json:"expires"`
	Subject any `json:"subject"`
	Data    any `json:"data"`
}

var errForeign = errors.New("a record that another program has written")

// record returns what a row holds.
func (w row) record() (r store.Record, err error) {
	id, idOK := w.ID.(models.RecordID)
	key, keyOK := id.ID.(string)
	version, versionOK := integer(w.Version)
	expires, expiresOK := integer(w.Expires)
	subject, subjectOK := w.Subject.(string)
	data, dataOK := w.Data.([]byte)
	r = store.Record{Version: uint64(version), Expires: time.UnixMilli(expires), Data: data}
	if subjectOK {
		r.Subject, subjectOK = plain(subject)
	}
	if keyOK {
		r.ID, keyOK = plain(key)
	}
	for _, f := range []struct {
		name string
		ok   bool
		has  any
	}{
		{"id", idOK && keyOK, w.ID},
		{"version", versionOK && version > 0, w.Version},
		{"expires", expiresOK, w.Expires},
		{"subject", subjectOK, w.Subject},
		{"data", dataOK, w.Data},
	} {
		if !f.ok {
			return store.Record{}, fmt.Errorf("%w: its %s is of type %T", errForeign, f.name, f.has)
		}
	}
	return r, nil
}

func integer(v any) (int64, bool) {
	switch n := v.(type) {
	case int64:
		return n, true
	case uint64:
		return int64(n), n < 1<<63
	}
	return 0, false
}

// mark begins a text that is encoded.
const mark = "~"

// text returns a text as one that every version of the server can keep: valid
// UTF-8 without a zero byte. Most are as they are.
func text(s string) string {
	if utf8.ValidString(s) && !strings.HasPrefix(s, mark) && !strings.Contains(s, "\x00") {
		return s
	}
	return mark + base64.RawURLEncoding.EncodeToString([]byte(s))
}

// plain returns what text was given.
func plain(s string) (string, bool) {
	coded, ok := strings.CutPrefix(s, mark)
	if !ok {
		return s, true
	}
	b, err := base64.RawURLEncoding.DecodeString(coded)
	return string(b), err == nil
}

// data returns bytes as the server keeps them: nil would be its null.
func data(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
