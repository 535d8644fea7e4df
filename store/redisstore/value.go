package redisstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/gosessions/sessions/store"
)

// A record's value is a head of fixed width, the subject and the data, so that
// a script finds what it compares without reading the data:
//
//	0  format, the byte 1
//	1  version, 8 bytes
//	9  expires, 15 digits: milliseconds since 1970 in UTC
//	24 listed, 15 digits: until when the subject's index holds the record
//	39 length of the subject, 4 bytes
//	43 subject, then data
const (
	format     = 1
	expiresAt  = 9
	listedAt   = expiresAt + digits
	subjectAt  = listedAt + digits
	headLength = subjectAt + 4

	digits   = 15
	lastTime = 999_999_999_999_999 // in the year 33658; a script's numbers are exact up to it
)

// errForeign is the fault of a value that is no record.
var errForeign = errors.New("the value is no record of this package")

// stamp returns the part of the head that a save compares.
func stamp(version uint64) string {
	return string(binary.BigEndian.AppendUint64([]byte{format}, version))
}

// moment returns a time as the head has it.
func moment(ms int64) string { return fmt.Sprintf("%0*d", digits, min(max(ms, 0), lastTime)) }

// owner returns a subject with its length.
func owner(subject string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(subject)))) + subject
}

// decode reads a record, and until when it is listed. Its Data shares memory
// with the value.
func decode(id string, value []byte) (r store.Record, listed string, err error) {
	if len(value) < headLength || value[0] != format {
		return r, "", errForeign
	}
	ms, err := strconv.ParseInt(string(value[expiresAt:listedAt]), 10, 64)
	n := int(binary.BigEndian.Uint32(value[subjectAt:headLength]))
	if err != nil || n > len(value)-headLength {
		return r, "", errForeign
	}
	body := value[headLength:]
	return store.Record{
		ID:      id,
		Version: binary.BigEndian.Uint64(value[1:expiresAt]),
		Expires: time.UnixMilli(ms),
		Subject: string(body[:n]),
		Data:    body[n:],
	}, string(value[listedAt:subjectAt]), nil
}
