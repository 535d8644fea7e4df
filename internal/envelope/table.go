package envelope

import (
	"bytes"
	"encoding/binary"
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

const entryLen = 9

// table is the immutable part of Values: what the store holds.
type table struct {
	codecs  []byte // each a length and a name
	entries []byte
	keys    []byte
	values  []byte
}

func (t *table) len() int { return len(t.entries) / entryLen }

// size returns how many bytes the values take, but for the codecs' names.
func (t *table) size() int { return len(t.entries) + len(t.keys) + len(t.values) }

func (t *table) end(i, at int) int {
	if i < 0 {
		return 0
	}
	return int(binary.BigEndian.Uint32(t.entries[i*entryLen+at:]))
}

func (t *table) key(i int) []byte { return t.keys[t.end(i-1, 0):t.end(i, 0)] }

func (t *table) value(i int) Value {
	data := t.values[t.end(i-1, 4):t.end(i, 4):t.end(i, 4)]
	return Value{Codec: t.codec(int(t.entries[i*entryLen+8])), Data: data}
}

func (t *table) codec(i int) []byte {
	rest := t.codecs
	for ; i > 0; i-- {
		rest = rest[1+int(rest[0]):]
	}
	n := int(rest[0])
	return rest[1 : 1+n : 1+n]
}

// find returns the place of a key.
func (t *table) find(key string) (int, bool) {
	i := sort.Search(t.len(), func(i int) bool { return string(t.key(i)) >= key })
	return i, i < t.len() && string(t.key(i)) == key
}

// parseTable checks every bound and the order of the keys, so that the
// methods above need not.
func parseTable(b []byte) (t table, ok bool) {
	if len(b) < 1 {
		return t, false
	}
	codecs := int(b[0])
	t.codecs, b = b[1:], b[1:]
	for range codecs {
		if len(b) < 1 || len(b) < 1+int(b[0]) {
			return t, false
		}
		b = b[1+int(b[0]):]
	}
	if len(b) < 4 {
		return t, false
	}
	n := int(binary.BigEndian.Uint32(b))
	b = b[4:]
	if n > len(b)/entryLen {
		return t, false
	}
	t.entries, b = b[:n*entryLen], b[n*entryLen:]
	keysLen := t.end(n-1, 0)
	if keysLen > len(b) || t.end(n-1, 4) != len(b)-keysLen {
		return t, false
	}
	t.keys, t.values = b[:keysLen], b[keysLen:]
	for i := range n {
		if t.end(i-1, 0) > t.end(i, 0) || t.end(i-1, 4) > t.end(i, 4) ||
			t.end(i, 0) > len(t.keys) || t.end(i, 4) > len(t.values) ||
			int(t.entries[i*entryLen+8]) >= codecs {
			return t, false
		}
		if i > 0 && bytes.Compare(t.key(i-1), t.key(i)) >= 0 {
			return t, false
		}
	}
	return t, true
}
