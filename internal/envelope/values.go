package envelope

import (
	"bytes"
	"encoding/binary"
	"iter"
	"slices"
	"strings"
)

// Values are a session's encoded values by key: what a record held, and what
// has been changed since. The zero Values are empty. A copy shares its
// changes with the original; Clone makes one that does not.
type Values struct {
	base    table
	cleared bool     // base no longer counts
	changes []change // by key, ascending
	grown   int      // bytes that the changes add to the record
}

type change struct {
	key   string
	gone  bool
	value Value
}

// Clone returns a copy that can be changed by itself.
func (v *Values) Clone() Values {
	c := *v
	c.changes = slices.Clone(v.changes)
	return c
}

// Stored returns the values as if a record held them.
func (v *Values) Stored() Values {
	if !v.cleared && len(v.changes) == 0 {
		return *v
	}
	base, _ := parseTable(v.append(nil, v.plan()))
	return Values{base: base}
}

// Get returns a key's value, which is not to be changed.
func (v *Values) Get(key string) (Value, bool) {
	if i, ok := v.change(key); ok {
		return v.changes[i].value, !v.changes[i].gone
	}
	return v.stored(key)
}

// Set puts a value, and keeps its slices.
func (v *Values) Set(key string, val Value) {
	if now, ok := v.Get(key); ok && now.equal(val) {
		return
	}
	v.put(change{key: key, value: val})
}

// Delete removes a key.
func (v *Values) Delete(key string) {
	if _, ok := v.Get(key); ok {
		v.put(change{key: key, gone: true})
	}
}

// Clear removes all keys.
func (v *Values) Clear() { *v = Values{base: v.base, cleared: true, grown: -v.base.size()} }

// Size returns how many bytes the values take in a record, give or take the
// names of the codecs.
func (v *Values) Size() int { return v.base.size() + v.grown }

// Changed reports whether the values differ from those of the record.
func (v *Values) Changed() bool {
	if v.cleared && v.base.len() != len(v.changes) {
		return true
	}
	for _, c := range v.changes {
		i, ok := v.base.find(c.key)
		if ok == c.gone || ok && !v.base.value(i).equal(c.value) {
			return true
		}
	}
	return false
}

// Len returns the number of keys.
func (v *Values) Len() int {
	n := 0
	for range v.all() {
		n++
	}
	return n
}

// Keys yields the keys in ascending order.
func (v *Values) Keys() iter.Seq[string] {
	return func(yield func(string) bool) {
		for e := range v.all() {
			if !yield(e.name() + string(e.raw)) {
				return
			}
		}
	}
}

func (v *Values) put(c change) {
	if now, ok := v.Get(c.key); ok {
		v.grown -= entryLen + len(c.key) + len(now.Data)
	}
	if !c.gone {
		v.grown += entryLen + len(c.key) + len(c.value.Data)
	}
	i, ok := v.change(c.key)
	switch {
	case ok && c.gone && v.cleared:
		v.changes = slices.Delete(v.changes, i, i+1)
	case ok:
		v.changes[i] = c
	default:
		v.changes = slices.Insert(v.changes, i, c)
	}
}

func (v *Values) change(key string) (int, bool) {
	return slices.BinarySearchFunc(v.changes, key, func(c change, key string) int { return strings.Compare(c.key, key) })
}

func (v *Values) stored(key string) (Value, bool) {
	if v.cleared {
		return Value{}, false
	}
	i, ok := v.base.find(key)
	if !ok {
		return Value{}, false
	}
	return v.base.value(i), true
}

// entry is one key with its value; the key is a change's or a record's.
type entry struct {
	changed *change
	raw     []byte
	value   Value
}

func (e entry) name() string {
	if e.changed != nil {
		return e.changed.key
	}
	return ""
}

func (e entry) keyLen() int { return len(e.raw) + len(e.name()) }

// all merges record and changes in the order of the keys.
func (v *Values) all() iter.Seq[entry] {
	return func(yield func(entry) bool) {
		stored := v.base.len()
		if v.cleared {
			stored = 0
		}
		i, j := 0, 0
		for i < stored || j < len(v.changes) {
			order := 0
			switch {
			case j == len(v.changes):
				order = -1
			case i == stored:
				order = 1
			case string(v.base.key(i)) < v.changes[j].key:
				order = -1
			case string(v.base.key(i)) > v.changes[j].key:
				order = 1
			}
			var e entry
			if order < 0 {
				e = entry{raw: v.base.key(i), value: v.base.value(i)}
			} else {
				e = entry{changed: &v.changes[j], value: v.changes[j].value}
			}
			if order <= 0 {
				i++
			}
			if order >= 0 {
				j++
			}
			if e.changed != nil && e.changed.gone {
				continue
			}
			if !yield(e) {
				return
			}
		}
	}
}

// plan is what append needs to know beforehand.
type plan struct {
	size   int
	count  int
	codecs [][]byte
}

func (p *plan) codec(name []byte) byte {
	for i, c := range p.codecs {
		if bytes.Equal(c, name) {
			return byte(i)
		}
	}
	p.codecs = append(p.codecs, name)
	return byte(len(p.codecs) - 1)
}

func (v *Values) plan() (p plan) {
	p.size = 1 + 4
	for e := range v.all() {
		p.codec(e.value.Codec)
		p.count++
		p.size += entryLen + e.keyLen() + len(e.value.Data)
	}
	for _, name := range p.codecs {
		p.size += 1 + len(name)
	}
	return p
}

func (v *Values) append(b []byte, p plan) []byte {
	b = append(b, byte(len(p.codecs)))
	for _, name := range p.codecs {
		b = append(append(b, byte(len(name))), name...)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(p.count))
	keyEnd, valueEnd := 0, 0
	for e := range v.all() {
		keyEnd += e.keyLen()
		valueEnd += len(e.value.Data)
		b = binary.BigEndian.AppendUint32(b, uint32(keyEnd))
		b = binary.BigEndian.AppendUint32(b, uint32(valueEnd))
		b = append(b, p.codec(e.value.Codec))
	}
	for e := range v.all() {
		b = append(append(b, e.raw...), e.name()...)
	}
	for e := range v.all() {
		b = append(b, e.value.Data...)
	}
	return b
}
