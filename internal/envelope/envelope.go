// Package envelope encodes and decodes session records.
//
// A record is read in place: Decode checks the whole record once, and a value
// is found by binary search without touching its neighbors. Writing one key
// copies the others as bytes.
//
// A record starts with:
//
//	offset size
//	     0    1  format, 3
//	     1    4  CRC-32C over everything that follows, combined with the id
//	     5    1  flags: 1 earlier verifier, 2 elevated, 4 seen, 8 expiry policy
//	     6    8  namespace
//	    14   32  verifier of the current token
//
// Then follow, as varints, the epoch, the time of creation (Unix milliseconds),
// the start of the lifetime and the time of the current token (milliseconds
// after the creation), and the idle timeout that the expiry was computed with
// (milliseconds). What the flags announce comes next: the verifier of the
// earlier token (32 bytes), the time that the current token was first seen
// (varint, milliseconds after the creation), the expiry policy (a byte for its
// kind, and two varints; durations are milliseconds, too).
//
// Then follow the write ids (their number in one byte, 8 bytes each, newest
// first), the table of codecs (count, and for each a length and a name), the
// number of values in 4 bytes, an index of 9 bytes for each value (end of key,
// end of value, codec), all keys in ascending order, and all values. Fixed-size
// integers are big endian.
//
// The checksum detects damaged and misplaced records. It is no protection from
// anyone who can write to the store.
package envelope

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
)

// MaxLen is the length in bytes of the longest record that is read or
// written.
const MaxLen = 16 << 20

// Writes is the number of write ids that a record remembers.
const Writes = 8

// Errors of [Record.Decode].
var (
	// ErrCorrupt means that the bytes are not the record of this id.
	ErrCorrupt = errors.New("damaged, or the record of another id")
	// ErrFormat means that a newer version of this package wrote the record.
	ErrFormat = errors.New("written in a newer format")
)

const (
	format = 3

	flagEarlier  = 1
	flagElevated = 2
	flagSeen     = 4
	flagPolicy   = 8
	flagsKnown   = flagEarlier | flagElevated | flagSeen | flagPolicy

	namespaceAt = 6
	verifierAt  = namespaceAt + 8
	fixedLen    = verifierAt + sha256.Size

	writeLen = 8
	// maxHeader bounds everything in front of the table of codecs.
	maxHeader = fixedLen + 5*binary.MaxVarintLen64 + sha256.Size + binary.MaxVarintLen64 +
		1 + 2*binary.MaxVarintLen64 + 1 + Writes*writeLen
)

// Policy is a session's own expiry policy. The zero Policy means none.
type Policy struct {
	Kind byte
	A, B int64 // its parameters: milliseconds, or Unix milliseconds
}

// Record is a session record without its id, version, expiry and subject. What
// was decoded refers to the bytes that it came from. Times are Unix
// milliseconds.
type Record struct {
	Namespace uint64
	Epoch     uint32 // number of changes of privilege
	Elevated  bool   // the current token came with a change of privilege
	Created   int64
	Since     int64 // start of the lifetime
	Renewed   int64 // time of the current token
	Idle      int64 // idle timeout behind the record's expiry, in milliseconds; 0 if none
	Seen      int64 // first use of the current token; 0 if it was not used yet, or there is no earlier one
	Policy    Policy
	Verifier  *Verifier // of the current token
	Earlier   *Verifier // of the token before the current one; nil if there is none

	table  table  // its values
	writes []byte // ids of the last writes, newest first
}

// Verifier is what a record holds of a token.
type Verifier = [sha256.Size]byte

// Values returns the record's values, to read and to change a copy of.
func (r *Record) Values() Values { return Values{base: &r.table} }

// Marked reports whether the record remembers a write among its last ones.
func (r *Record) Marked(write uint64) bool {
	for w := r.writes; len(w) > 0; w = w[writeLen:] {
		if binary.BigEndian.Uint64(w) == write {
			return true
		}
	}
	return false
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Encode returns the bytes of a record under an id that holds some values. The
// record remembers a write, and those that the record before it remembers but
// the oldest; before may be nil. The bytes must not change afterwards: r now
// refers to them.
func (r *Record) Encode(id string, v *Values, write uint64, before *Record) []byte {
	var buf [maxHeader]byte
	h := append(buf[:0], format, 0, 0, 0, 0, r.flags())
	h = binary.BigEndian.AppendUint64(h, r.Namespace)
	h = h[:fixedLen]
	if r.Verifier != nil {
		copy(h[verifierAt:], r.Verifier[:])
	}
	h = binary.AppendUvarint(h, uint64(r.Epoch))
	h = binary.AppendVarint(h, r.Created)
	h = binary.AppendVarint(h, r.Since-r.Created)
	h = binary.AppendVarint(h, r.Renewed-r.Created)
	h = binary.AppendVarint(h, r.Idle)
	earlierAt := 0
	if r.Earlier != nil {
		earlierAt = len(h)
		h = append(h, r.Earlier[:]...)
	}
	if r.Seen != 0 {
		h = binary.AppendVarint(h, r.Seen-r.Created)
	}
	if r.Policy != (Policy{}) {
		h = append(h, r.Policy.Kind)
		h = binary.AppendVarint(h, r.Policy.A)
		h = binary.AppendVarint(h, r.Policy.B)
	}
	var kept []byte
	if before != nil {
		kept = before.writes[:min(len(before.writes), (Writes-1)*writeLen)]
	}
	h = append(h, byte(1+len(kept)/writeLen))
	writesAt := len(h)
	h = binary.BigEndian.AppendUint64(h, write)
	h = append(h, kept...)
	n := len(h)

	codecs, names := v.codecs()
	b := make([]byte, n, n+1+len(names)+countLen+v.Size())
	copy(b, h)
	b = v.append(b, codecs, names)
	binary.BigEndian.PutUint32(b[1:], checksum(b[5:], id))

	r.Verifier = (*Verifier)(b[verifierAt:])
	if earlierAt > 0 {
		r.Earlier = (*Verifier)(b[earlierAt:])
	}
	r.writes = b[writesAt:n:n]
	r.table.split(b[n:])
	return b
}

func (r *Record) flags() (f byte) {
	if r.Earlier != nil {
		f |= flagEarlier
	}
	if r.Elevated {
		f |= flagElevated
	}
	if r.Seen != 0 {
		f |= flagSeen
	}
	if r.Policy != (Policy{}) {
		f |= flagPolicy
	}
	return f
}

// checksum returns the CRC over data, combined with a hash of an id.
func checksum(data []byte, id string) uint32 { return crc32.Checksum(data, castagnoli) ^ hash(id) }

// hash returns a hash of a string: FNV-1a in steps of eight bytes. A CRC would
// take a slice, which would have to be allocated.
func hash(s string) uint32 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for ; len(s) >= 8; s = s[8:] {
		word := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		h = (h ^ word) * prime
		h ^= h >> 32 // a product carries upwards only
	}
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * prime
	}
	return uint32(h ^ h>>32)
}

// Decode reads the bytes of an id's record into r, which is zero. The record
// refers to data, which must not change afterwards. Decode returns [ErrCorrupt]
// or [ErrFormat]; then r means nothing.
func (r *Record) Decode(id string, data []byte) error {
	if len(data) == 0 || len(data) > MaxLen {
		return ErrCorrupt
	}
	if data[0] > format {
		return ErrFormat
	}
	if data[0] != format || len(data) < fixedLen || binary.BigEndian.Uint32(data[1:]) != checksum(data[5:], id) {
		return ErrCorrupt
	}
	flags := data[5]
	c := cursor{b: data[fixedLen:]}
	r.Namespace = binary.BigEndian.Uint64(data[namespaceAt:])
	r.Verifier = (*Verifier)(data[verifierAt:])
	r.Elevated = flags&flagElevated != 0
	epoch := c.uvarint()
	r.Epoch = uint32(epoch)
	r.Created = c.varint()
	r.Since = r.Created + c.varint()
	r.Renewed = r.Created + c.varint()
	r.Idle = c.varint()
	if flags&flagEarlier != 0 {
		if b := c.bytes(sha256.Size); b != nil {
			r.Earlier = (*Verifier)(b)
		}
	}
	if flags&flagSeen != 0 {
		r.Seen = r.Created + c.varint()
	}
	if flags&flagPolicy != 0 {
		r.Policy = Policy{Kind: c.byte(), A: c.varint(), B: c.varint()}
	}
	n := int(c.byte())
	r.writes = c.bytes(n * writeLen)
	if c.failed || flags&^flagsKnown != 0 || n > Writes || epoch > math.MaxUint32 {
		return ErrCorrupt
	}
	if !r.table.split(c.b) || !r.table.sound() {
		return ErrCorrupt
	}
	return nil
}

// cursor reads the parts of a header one after another. After a failure it
// returns zeros.
type cursor struct {
	b      []byte
	failed bool
}

func (c *cursor) bytes(n int) []byte {
	if c.failed || n > len(c.b) {
		c.failed = true
		return nil
	}
	b := c.b[:n:n]
	c.b = c.b[n:]
	return b
}

func (c *cursor) byte() byte {
	if b := c.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

// uvarint is as [binary.Uvarint], whose calls would be a thirtieth of a request.
func (c *cursor) uvarint() (v uint64) {
	for i, b := range c.b[:min(len(c.b), binary.MaxVarintLen64)] {
		v |= uint64(b&0x7f) << (7 * i & 63)
		if b < 0x80 && (i < binary.MaxVarintLen64-1 || b <= 1) {
			c.b = c.b[i+1:]
			return v
		}
	}
	c.failed = true
	return 0
}

func (c *cursor) varint() int64 { // as in binary.Varint
	v := c.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}
