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

// Equal reports whether two values are the same bytes of the same codec.
func (v Value) Equal(w Value) bool {
	return bytes.Equal(v.Data, w.Data) && bytes.Equal(v.Codec, w.Codec)
}

// EntryLen is how many bytes of a record's index a value takes.
const EntryLen = 9

const countLen = 4

// table is the immutable part of Values: what a record holds. A nil table is
// empty.
type table struct {
	b     []byte // codecs, each a length and a name; number of values; index; keys; values
	names byte   // how many codecs

	entries, keys, values int32 // where these begin
}

func (t *table) codecs() []byte { return t.b[: t.entries-countLen : t.entries-countLen] }

func (t *table) len() int {
	if t == nil {
		return 0
	}
	return int(t.keys-t.entries) / EntryLen
}

// size returns how many bytes the values take, but for the codecs' names.
func (t *table) size() int {
	if t == nil {
		return 0
	}
	return len(t.b) - int(t.entries)
}

// end returns where the key (at 0) or value (at 4) of an entry ends.
func (t *table) end(i, at int) int {
	if i < 0 {
		return 0
	}
	return number(t.b[int(t.entries)+i*EntryLen+at:])
}

// number reads a length or a place. No record is so long that the first bit
// counts, which would make an int of 32 bits negative.
func number(b []byte) int { return int(binary.BigEndian.Uint32(b) & math.MaxInt32) }

// codec returns the number of an entry's codec.
func (t *table) codec(i int) byte { return t.b[int(t.entries)+i*EntryLen+8] }

func (t *table) key(i int) []byte { return t.keysOf(i, i+1) }

// keysOf returns a stretch of keys.
func (t *table) keysOf(from, to int) []byte {
	return t.b[int(t.keys)+t.end(from-1, 0) : int(t.keys)+t.end(to-1, 0)]
}

// valuesOf returns a stretch of values.
func (t *table) valuesOf(from, to int) []byte {
	end := int(t.values) + t.end(to-1, 4)
	return t.b[int(t.values)+t.end(from-1, 4) : end : end]
}

func (t *table) value(i int) Value {
	return Value{Codec: codecName(t.codecs(), int(t.codec(i))), Data: t.valuesOf(i, i+1)}
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

// split finds the parts of encoded values, and reports whether they are there.
func (t *table) split(b []byte) bool {
	if len(b) < 1 {
		return false
	}
	t.names, t.b = b[0], b[1:]
	at := 0
	for range t.names {
		if at >= len(t.b) {
			return false
		}
		at += 1 + int(t.b[at])
	}
	if at > len(t.b)-countLen {
		return false
	}
	n := number(t.b[at:])
	at += countLen
	t.entries = int32(at)
	if n > (len(t.b)-at)/EntryLen {
		return false
	}
	at += n * EntryLen
	t.keys = int32(at)
	keys := t.end(n-1, 0)
	if keys > len(t.b)-at || t.end(n-1, 4) != len(t.b)-at-keys {
		return false
	}
	t.values = int32(at + keys)
	return true
}

// sound checks every bound and the order of the keys, so that the methods
// above need not.
func (t *table) sound() bool {
	var (
		entries   = t.b[t.entries:t.keys]
		keys      = t.b[t.keys:t.values]
		valuesLen = len(t.b) - int(t.values)
		before    []byte
		keyEnd    = 0
		valueEnd  = 0
	)
	for first := true; len(entries) >= EntryLen; entries = entries[EntryLen:] {
		k, v := number(entries), number(entries[4:])
		if k < keyEnd || v < valueEnd || k > len(keys) || v > valuesLen || entries[8] >= t.names {
			return false
		}
		key := keys[keyEnd:k]
		if !first && bytes.Compare(before, key) >= 0 {
			return false
		}
		first, before, keyEnd, valueEnd = false, key, k, v
	}
	return true
}
