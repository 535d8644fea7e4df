// Package envelope turns a session record into bytes and back.
//
// The format is read in place: Decode checks the whole record once, and a
// value is found by binary search without touching its neighbours. Writing
// one key copies the others as bytes.
//
// A record starts with a fixed header:
//
//	offset size
//	     0    1  format, 1
//	     1    4  CRC-32C over all that follows, and the id
//	     5    1  kind: 0 live, 1 retired, 2 retired with a successor that may be written to
//	     6   32  verifier of the token
//	    38    8  created, Unix milliseconds
//	    46    8  start of the lifetime (live), or when it ended (retired), Unix milliseconds
//	    54    1  expiry policy
//	    55    8  its parameter
//	    63   64  marks of the last 8 writes, newest first
//	   127    1  length of the successor's id, then the id
//
// Then follow the table of codecs (count, and for each a length and a name),
// the number of values in 4 bytes, an index of 9 bytes for each (end of key,
// end of value, codec), all keys in ascending order, all values. Integers are
// big endian.
//
// The checksum tells damage and misplaced records; it is no protection from
// somebody who can write to the store, who must be trusted.
package envelope

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// MaxLen is the length in bytes of the longest record that is read or
// written.
const MaxLen = 16 << 20

// Marks is how many writes a record remembers.
const Marks = 8

// Errors of Record.Decode.
var (
	// ErrCorrupt means that the bytes are no record of this id.
	ErrCorrupt = errors.New("damaged, or the record of another id")
	// ErrFormat means that a newer version of this package wrote the record.
	ErrFormat = errors.New("written in a newer format")
)

const (
	format  = 1
	markLen = 8

	verifierAt  = 6
	createdAt   = verifierAt + sha256.Size
	marksAt     = 63
	successorAt = marksAt + Marks*markLen
	headerLen   = successorAt + 1
)

// Kind tells a live record from what a renewed or destroyed one leaves.
type Kind byte

// The kinds of a record. A retired record answers no token; it tells writes
// that are under way what has become of the session.
const (
	Live    Kind = iota
	Retired      // ended, or renewed by somebody whose privileges changed
	Moved        // renewed: writes under way follow Successor
)

// Record is a session record without its key and version. What was decoded
// refers to the bytes it came from.
type Record struct {
	Kind      Kind
	Policy    byte
	Param     int64
	Created   int64  // Unix milliseconds
	Since     int64  // start of the lifetime, or when a retired record was retired, Unix milliseconds
	Verifier  []byte // sha256.Size bytes, or none
	Successor string // id of the record that replaced a retired one, if any
	Values    Values

	table table  // what Values are based on
	marks []byte // of the last writes, newest first
	op    uint64 // a mark that is newer than those, if fresh
	fresh bool
	id    [32]byte // for the checksum, to which a string is of no use
}

// Mark makes r remember a write, and those that before remembers but for the
// oldest; before may be nil. A writer that cannot know whether its write
// arrived finds out by Marked.
func (r *Record) Mark(op uint64, before *Record) {
	r.op, r.fresh, r.marks = op, true, nil
	if before != nil {
		r.marks = before.marks
	}
}

// Marked reports whether the write is among the last that a decoded or encoded
// record remembers.
func (r *Record) Marked(op uint64) bool {
	for m := r.marks; len(m) > 0; m = m[markLen:] {
		if binary.BigEndian.Uint64(m) == op {
			return true
		}
	}
	return false
}

// Last reports whether the write was the last one.
func (r *Record) Last(op uint64) bool {
	return len(r.marks) > 0 && binary.BigEndian.Uint64(r.marks) == op
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Encode returns the record's bytes under an id. They must not change
// afterwards: r now refers to them, and r.Values count as unchanged.
func (r *Record) Encode(id string) []byte {
	const most = 64 // bytes for the table of codecs, in most records
	b := make([]byte, headerLen, headerLen+len(r.Successor)+most+r.Values.Size()+len(id))
	b[0] = format
	b[5] = byte(r.Kind)
	copy(b[verifierAt:createdAt], r.Verifier)
	binary.BigEndian.PutUint64(b[createdAt:], uint64(r.Created))
	binary.BigEndian.PutUint64(b[46:], uint64(r.Since))
	b[54] = r.Policy
	binary.BigEndian.PutUint64(b[55:], uint64(r.Param))
	marks := b[marksAt:successorAt]
	if r.fresh {
		binary.BigEndian.PutUint64(marks, r.op)
		marks = marks[markLen:]
	}
	copy(marks, r.marks)
	b[successorAt] = byte(len(r.Successor))
	b = append(b, r.Successor...)
	b = r.Values.append(b)
	r.refer(b)
	r.table, _ = split(b[headerLen+len(r.Successor):])
	r.Values = Values{base: &r.table}
	n := len(b)
	b = append(b, id...)
	binary.BigEndian.PutUint32(b[1:], crc32.Checksum(b[5:], castagnoli))
	return b[:n:n]
}

// refer makes the record refer to its bytes.
func (r *Record) refer(b []byte) {
	r.Verifier, r.marks, r.fresh = b[verifierAt:createdAt], b[marksAt:successorAt], false
}

// Decode reads the bytes of an id's record. The record refers to data, which
// must not change afterwards.
func (r *Record) Decode(id string, data []byte) error {
	if len(data) == 0 || len(data) > MaxLen {
		return ErrCorrupt
	}
	if data[0] > format {
		return ErrFormat
	}
	if data[0] != format || len(data) < headerLen {
		return ErrCorrupt
	}
	sum := crc32.Update(crc32.Checksum(data[5:], castagnoli), castagnoli, append(r.id[:0], id...))
	if binary.BigEndian.Uint32(data[1:]) != sum || data[5] > byte(Moved) {
		return ErrCorrupt
	}
	rest := data[headerLen:]
	n := int(data[successorAt])
	if len(rest) < n {
		return ErrCorrupt
	}
	t, ok := split(rest[n:])
	if !ok || !t.sound() {
		return ErrCorrupt
	}
	*r = Record{
		Kind:      Kind(data[5]),
		Created:   int64(binary.BigEndian.Uint64(data[createdAt:])),
		Since:     int64(binary.BigEndian.Uint64(data[46:])),
		Policy:    data[54],
		Param:     int64(binary.BigEndian.Uint64(data[55:])),
		Successor: string(rest[:n]),
		table:     t,
	}
	r.refer(data)
	r.Values.base = &r.table
	return nil
}
