package merge

import (
	"reflect"

	"github.com/gosessions/sessions/internal/envelope"
)

// Change is the change of one stored value. It can be made again on what
// another writer has stored in the meantime. Only one goroutine at a time may
// use it.
type Change struct {
	New envelope.Value // what the writer wants to store; empty if it deletes the value

	codec    Codec
	typ      reflect.Type
	old      envelope.Value
	whole    bool    // fields are not merged: the last writer wins
	compared bool    // changed is known
	Lenient  bool    // a current value that cannot be decoded counts as absent
	changed  [][]int // the fields that differ between old and New
}

// Deletes reports whether the change deletes the value.
func (c *Change) Deletes() bool { return !exists(c.New) }

// Apply returns what the change makes of the current value. That is New if the
// current value is the old one, or if fields are not merged. Otherwise it is
// the current value with the fields that the change has set.
func (c *Change) Apply(current envelope.Value) (envelope.Value, error) {
	if c.whole || equal(current, c.old) {
		return c.codec.Keep(current, c.New, c.typ)
	}
	if !c.compared {
		if _, err := c.compare(); err != nil {
			return envelope.Value{}, err
		}
	}
	result, err := c.decode(current)
	if err != nil && c.Lenient {
		result, err = c.decode(envelope.Value{})
	}
	if err != nil {
		return envelope.Value{}, err
	}
	value, err := c.decode(c.New)
	if err != nil {
		return envelope.Value{}, err
	}
	for _, i := range c.changed {
		result.FieldByIndex(i).Set(value.FieldByIndex(i))
	}
	next, err := c.codec.Encode(result.Addr().Interface())
	if err != nil {
		return envelope.Value{}, err
	}
	return c.codec.Keep(current, next, c.typ)
}

// compare finds the fields that differ, and reports whether there is a change
// at all.
func (c *Change) compare() (differ bool, err error) {
	before, err := c.decode(c.old)
	if err != nil {
		return false, err
	}
	value, err := c.decode(c.New)
	if err != nil {
		return false, err
	}
	c.compared = true
	if c.whole {
		return !exists(c.old) || !deepEqual(before, value), nil
	}
	for _, i := range mergedFields(c.typ) {
		if !deepEqual(before.FieldByIndex(i), value.FieldByIndex(i)) {
			c.changed = append(c.changed, i)
		}
	}
	return !exists(c.old) || len(c.changed) > 0, nil
}

// reencoded returns the old value as the codec encodes it now.
func (c *Change) reencoded() (envelope.Value, error) {
	before, err := c.decode(c.old)
	if err != nil {
		return envelope.Value{}, err
	}
	return c.codec.Encode(before.Addr().Interface())
}

// decode returns the decoded value, or the zero value if there is none.
func (c *Change) decode(v envelope.Value) (reflect.Value, error) {
	p := reflect.New(c.typ)
	if !exists(v) {
		return p.Elem(), nil
	}
	return p.Elem(), c.codec.Decode(v, p.Interface())
}

// deepEqual compares addressable values without a copy of them.
func deepEqual(a, b reflect.Value) bool {
	return reflect.DeepEqual(a.Addr().Interface(), b.Addr().Interface())
}
