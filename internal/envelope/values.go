package envelope

import (
	"encoding/binary"
	"iter"
	"slices"
	"strings"
)

// Values are a session's encoded values by key: what a record held, and what
// has been changed since. The zero Values are empty. A copy shares its
// changes with the original; Clone makes one that does not.
type Values struct {
	base    *table   // nil: none
	changes []change // by key, ascending
	grown   int      // bytes that the changes add to the record
	cleared bool     // base no longer counts
	shared  bool     // another copy has the same changes
}

// change is a new value of a key, or its removal.
type change struct {
	key    string
	value  Value
	gone   bool
	stored bool // the record has the key, at this place
	at     int  // and else it belongs before this one
}

// Clone returns a copy that can be changed by itself. Changing either copies
// the changes first.
func (v *Values) Clone() Values {
	v.shared = true
	return *v
}

// On returns the values with the changes made on those of another record: one
// that holds what v held at some time, for instance.
func (v *Values) On(r *Record) Values {
	on := r.Values()
	if v.cleared {
		on.Clear()
	}
	for _, c := range v.changes {
		on.put(change{key: c.key, value: c.value, gone: c.gone})
	}
	return on
}

// Get returns a key's value, which is not to be changed.
func (v *Values) Get(key string) (Value, bool) {
	if i, ok := v.change(key); ok {
		return v.changes[i].value, !v.changes[i].gone
	}
	if i, ok := v.find(key); ok {
		return v.base.value(i), true
	}
	return Value{}, false
}

// Set puts a value, and keeps its slices.
func (v *Values) Set(key string, val Value) { v.put(change{key: key, value: val}) }

// Delete removes a key.
func (v *Values) Delete(key string) { v.put(change{key: key, gone: true}) }

// Clear removes all keys.
func (v *Values) Clear() { *v = Values{base: v.base, cleared: true, grown: -v.base.size()} }

// Size returns how many bytes the values take in a record, but for the names
// of the codecs.
func (v *Values) Size() int { return v.base.size() + v.grown }

// Changed reports whether the values differ from those of the record.
func (v *Values) Changed() bool {
	if v.cleared && v.base.len() != v.Len() {
		return true
	}
	for i := range v.changes {
		c := &v.changes[i]
		at, ok := c.at, c.stored
		if v.cleared {
			at, ok = v.base.find(c.key)
		}
		if ok == c.gone || ok && !v.base.value(at).Equal(c.value) {
			return true
		}
	}
	return false
}

// Len returns the number of keys.
func (v *Values) Len() int {
	n := v.stored()
	for i := range v.changes {
		if v.changes[i].stored {
			n--
		}
		if !v.changes[i].gone {
			n++
		}
	}
	return n
}

// Keys yields the keys in ascending order.
func (v *Values) Keys() iter.Seq[string] {
	return func(yield func(string) bool) {
		more := true
		v.runs(func(from, to int, c *change) {
			for i := from; i < to && more; i++ {
				more = yield(string(v.base.key(i)))
			}
			if more && c != nil && !c.gone {
				more = yield(c.key)
			}
		})
	}
}

// put makes a change, unless it would change nothing.
func (v *Values) put(c change) {
	i, changed := v.change(c.key)
	old, there := Value{}, false
	if changed {
		was := &v.changes[i]
		c.at, c.stored = was.at, was.stored
		old, there = was.value, !was.gone
	} else if c.at, c.stored = v.find(c.key); c.stored {
		old, there = v.base.value(c.at), true
	}
	if c.gone && !there || !c.gone && there && old.Equal(c.value) {
		return
	}
	if there {
		v.grown -= EntryLen + len(c.key) + len(old.Data)
	}
	if !c.gone {
		v.grown += EntryLen + len(c.key) + len(c.value.Data)
	}
	if v.shared {
		v.changes, v.shared = slices.Clone(v.changes), false
	}
	if changed {
		v.changes[i] = c
	} else {
		v.changes = slices.Insert(v.changes, i, c)
	}
}

// change returns the place of a key among the changes.
func (v *Values) change(key string) (int, bool) {
	return slices.BinarySearchFunc(v.changes, key, func(c change, key string) int { return strings.Compare(c.key, key) })
}

// find returns the place of a key in what counts of the record.
func (v *Values) find(key string) (int, bool) {
	if v.cleared {
		return 0, false
	}
	return v.base.find(key)
}

// stored returns how many keys of the record count.
func (v *Values) stored() int {
	if v.cleared {
		return 0
	}
	return v.base.len()
}

// runs calls f for all changes in order, each with the stretch of the record
// that comes before it, and at last for the rest.
func (v *Values) runs(f func(from, to int, c *change)) {
	next := 0
	for i := range v.changes {
		c := &v.changes[i]
		f(next, c.at, c)
		if next = c.at; c.stored {
			next++
		}
	}
	f(next, v.stored(), nil)
}

// append encodes the values with the table of codecs that v.codecs returned.
// What did not change is copied in stretches.
func (v *Values) append(b []byte, codecs int, names []byte) []byte {
	b = append(append(b, byte(codecs)), names...)
	b = binary.BigEndian.AppendUint32(b, uint32(v.Len()))
	keyEnd, valueEnd := 0, 0
	v.runs(func(from, to int, c *change) {
		keys, values := keyEnd-v.base.end(from-1, 0), valueEnd-v.base.end(from-1, 4)
		for i := from; i < to; i++ {
			keyEnd, valueEnd = keys+v.base.end(i, 0), values+v.base.end(i, 4)
			b = appendEntry(b, keyEnd, valueEnd, v.base.codec(i))
		}
		if c != nil && !c.gone {
			keyEnd, valueEnd = keyEnd+len(c.key), valueEnd+len(c.value.Data)
			b = appendEntry(b, keyEnd, valueEnd, byte(codecIndex(names, c.value.Codec)))
		}
	})
	v.runs(func(from, to int, c *change) {
		if from < to {
			b = append(b, v.base.keysOf(from, to)...)
		}
		if c != nil && !c.gone {
			b = append(b, c.key...)
		}
	})
	v.runs(func(from, to int, c *change) {
		if from < to {
			b = append(b, v.base.valuesOf(from, to)...)
		}
		if c != nil && !c.gone {
			b = append(b, c.value.Data...)
		}
	})
	return b
}

func appendEntry(b []byte, keyEnd, valueEnd int, codec byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(keyEnd))
	b = binary.BigEndian.AppendUint32(b, uint32(valueEnd))
	return append(b, codec)
}

// codecs returns the table of codecs: those of the record first, whose
// numbers stand in its index, then what the changes add.
func (v *Values) codecs() (n int, names []byte) {
	if v.base != nil && !v.cleared {
		n, names = int(v.base.names), v.base.codecs()
	}
	for _, c := range v.changes {
		if !c.gone && codecIndex(names, c.value.Codec) < 0 {
			names = append(slices.Clip(names), byte(len(c.value.Codec)))
			names = append(names, c.value.Codec...)
			n++
		}
	}
	return n, names
}
