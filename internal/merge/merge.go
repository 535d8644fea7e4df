// Package merge finds changes of a Go value that is stored encoded, and makes
// them again on what another writer has stored in the meantime.
//
// A writer decodes the stored value, keeps a shallow copy, and changes the
// value in memory. [Compare] returns the change, and [Change.Apply] makes it.
// If two writers change different fields of a struct, both changes survive:
//
//	stored   {Name: "Ann", Age: 1}
//	writer A {Name: "Bob", Age: 1}
//	writer B {Name: "Ann", Age: 2}
//	merged   {Name: "Bob", Age: 2}
//
// A stored value is an [envelope.Value]. If its codec is empty, there is no
// value.
package merge

import (
	"reflect"

	"github.com/gosessions/sessions/internal/envelope"
)

// Codec encodes and decodes one stored value.
type Codec interface {
	// Encode encodes the value that p points to.
	Encode(p any) (envelope.Value, error)
	// Decode decodes v into the value that p points to.
	Decode(v envelope.Value, p any) error
	// Keep returns next, a value of a type that replaces old, with what old holds
	// and the type does not know.
	Keep(old, next envelope.Value, t reflect.Type) (envelope.Value, error)
	// Stable reports whether Encode encodes equal values of the type as equal
	// bytes, and Decode can read all that Encode has written.
	Stable(t reflect.Type) bool
}

// Compare returns the change from the stored value old to value, or nil if
// there is none. before is a shallow copy of value from the time when it was
// decoded. Both must be addressable.
//
// If field is set, the value is one field of a larger struct: its own fields
// are not merged, and a nil pointer or interface means that it does not exist.
func Compare(codec Codec, old envelope.Value, before, value reflect.Value, field bool) (*Change, error) {
	flat := isFlat(value.Type())
	switch {
	case !exists(old) && value.IsZero():
		return nil, nil
	case field && isNil(value):
		return &Change{}, nil
	case exists(old) && flat && same(value, before):
		return nil, nil
	}
	enc, err := codec.Encode(value.Addr().Interface())
	if err != nil || equal(enc, old) {
		return nil, err
	}
	c := &Change{New: enc, codec: codec, typ: value.Type(), old: old}
	c.whole = field || len(mergedFields(c.typ)) == 0
	if differ, err := c.differ(flat, before, value); err != nil || !differ {
		return nil, err
	}
	return c, nil
}

// differ reports whether the values differ, and not only their encodings.
// Which fields differ matters only if another writer was faster.
func (c *Change) differ(flat bool, before, value reflect.Value) (bool, error) {
	switch {
	case !flat && !c.codec.Stable(c.typ):
		return c.compare()
	case flat || !exists(c.old) || differs(value, before):
		return true, nil
	}
	again, err := c.reencoded()
	return !equal(again, c.New), err
}

func exists(v envelope.Value) bool { return len(v.Codec) > 0 }

func equal(a, b envelope.Value) bool { return a.Equal(b) }

func isNil(v reflect.Value) bool {
	return (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil()
}
