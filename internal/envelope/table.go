package envelope

import (
	"bytes"
	"encoding/binary"
	"math"
	"sort"
)

// Value is one encoded value and the name of the codec that wrote it.
type Value struct {
	Codec []byte
	Data  []byte
}

func (v Value) equal(w Value) bool {
	return bytes.Equal(v.Data, w.Data) && bytes.Equal(v.Codec, w.Codec)
}

// EntryLen is how many bytes of a record's index a value takes.
const EntryLen = 9

// table is the immutable part of Values: what a record holds. A nil table is
// empty.
type table struct {
	names   int    // how many codecs
	codecs  []byte // each a length and a name
	entries []byte // each end of key, end of value, codec
	keys    []byte
	values  []byte
}

func (t *table) len() int {
	if t == nil {
		return 0
	}
	return len(t.entries) / EntryLen
}

// size returns how many bytes the values take, but for the codecs' names.
func (t *table) size() int {
	if t == nil {
		return 0
	}
	return len(t.entries) + len(t.keys) + len(t.values)
}

// end returns where the key (at 0) or value (at 4) of an entry ends.
func (t *table) end(i, at int) int {
	if i < 0 {
		return 0
	}
	return number(t.entries[i*EntryLen+at:])
}

// number reads a length or a place. No record is so long that the first bit
// counts, which would make an int of 32 bits negative.
func number(b []byte) int { return int(binary.BigEndian.Uint32(b) & math.MaxInt32) }

func (t *table) key(i int) []byte { return t.keys[t.end(i-1, 0):t.end(i, 0)] }

func (t *table) value(i int) Value {
	from, to := t.end(i-1, 4), t.end(i, 4)
	return Value{Codec: codecName(t.codecs, int(t.entries[i*EntryLen+8])), Data: t.values[from:to:to]}
}

// find returns the place of a key.
func (t *table) find(key string) (int, bool) {
	i := sort.Search(t.len(), func(i int) bool { return string(t.key(i)) >= key })
	return i, i < t.len() && string(t.key(i)) == key
}

func codecName(names []byte, i int) []byte {
	for ; i > 0; i-- {
		names = names[1+int(names[0]):]
	}
	n := 1 + int(names[0])
	return names[1:n:n]
}

// codecIndex returns the number of a codec in a table of names, or -1.
func codecIndex(names, name []byte) int {
	for i := 0; len(names) > 0; i++ {
		n := 1 + int(names[0])
		if bytes.Equal(names[1:n], name) {
			return i
		}
		names = names[n:]
	}
	return -1
}

// split finds the parts of encoded values.
func split(b []byte) (t table, ok bool) {
	if len(b) < 1 {
		return t, false
	}
	t.names, b = int(b[0]), b[1:]
	rest := b
	for range t.names {
		if len(rest) < 1 || len(rest) < 1+int(rest[0]) {
			return t, false
		}
		rest = rest[1+int(rest[0]):]
	}
	t.codecs, b = b[:len(b)-len(rest)], rest
	if len(b) < 4 {
		return t, false
	}
	n := number(b)
	if b = b[4:]; n > len(b)/EntryLen {
		return t, false
	}
	t.entries, b = b[:n*EntryLen], b[n*EntryLen:]
	keys := t.end(n-1, 0)
	if keys > len(b) || t.end(n-1, 4) != len(b)-keys {
		return t, false
	}
	t.keys, t.values = b[:keys], b[keys:]
	return t, true
}

// sound checks every bound and the order of the keys, so that the methods
// above need not.
func (t *table) sound() bool {
	for i := range t.len() {
		if t.end(i-1, 0) > t.end(i, 0) || t.end(i-1, 4) > t.end(i, 4) ||
			t.end(i, 0) > len(t.keys) || t.end(i, 4) > len(t.values) ||
			int(t.entries[i*EntryLen+8]) >= t.names {
			return false
		}
		if i > 0 && bytes.Compare(t.key(i-1), t.key(i)) >= 0 {
			return false
		}
	}
	return true
}
