package redisstore

import (
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
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

	unlisted = "000000000000000"

	digits   = 15
	lastTime = 999_999_999_999_999 // in the year 33658; a script's numbers are exact up to it
)

// errForeign is the fault of a value that is no record.
var errForeign = errors.New("the value is no record of this package")

// stamp returns the part of the head that a save compares.
func stamp(version uint64) string {
	var b [expiresAt]byte
	b[0] = format
	binary.BigEndian.PutUint64(b[1:], version)
	return string(b[:])
}

// moment returns a time as the head has it.
func moment(ms int64) string {
	var b [digits]byte
	ms = min(max(ms, 0), lastTime)
	for i := digits - 1; i >= 0; i-- {
		b[i] = byte('0' + ms%10)
		ms /= 10
	}
	return string(b[:])
}

// encode returns the value of a record.
func encode(version uint64, expires int64, listed string, r store.Record) string {
	var b strings.Builder
	b.Grow(headLength + len(r.Subject) + len(r.Data))
	b.WriteString(stamp(version))
	b.WriteString(moment(expires))
	b.WriteString(listed)
	var n [headLength - subjectAt]byte
	binary.BigEndian.PutUint32(n[:], uint32(len(r.Subject)))
	b.Write(n[:])
	b.WriteString(r.Subject)
	b.Write(r.Data)
	return b.String()
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
