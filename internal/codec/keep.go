package codec

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// UnmarshalKnown is [JSON.Unmarshal]. It also reports whether data has members
// that a struct in v does not know.
func (JSON) UnmarshalKnown(data []byte, v any) (unknown bool, err error) {
	if unmarshalScalar(data, v) {
		return false, nil
	}
	options := known
	if t := reflect.TypeOf(v); t == nil || traitsOf(t).dynamic {
		options = knownExactly
	}
	if err = json.Unmarshal(data, v, options); !errors.Is(err, json.ErrUnknownName) {
		return false, err
	}
	reflect.ValueOf(v).Elem().SetZero()
	return true, unmarshalOther(data, v)
}

// UnmarshalKnown is [UnmarshalJSON]. It also reports whether data has members
// that a struct in the value does not know.
func UnmarshalKnown[T any](data []byte) (v T, unknown bool, err error) {
	if unmarshalScalar(data, &v) {
		return v, false, nil
	}
	escaped := new(T)
	if unknown, err = (JSON{}).UnmarshalKnown(data, escaped); err != nil {
		return v, false, err
	}
	return *escaped, unknown, nil
}

var (
	known        = json.JoinOptions(durations, json.RejectUnknownMembers(true))
	knownExactly = json.JoinOptions(exactly, json.RejectUnknownMembers(true))
)

// Keep returns next, which replaces old, with the members of old that its type
// does not know: those that are not in again, which is old as the type encodes
// it. An object that is not in next any more keeps nothing. Nor does an element
// of an array, unless it and all elements before or after it stay as they are.
func Keep(old, again, next []byte) []byte {
	if bytes.Equal(old, again) {
		return next
	}
	if jsontext.Value(next).Kind() == '[' {
		return keepElements(old, again, next)
	}
	before, ok := parse(old)
	written, alsoOK := parse(again)
	result, objects := parse(next)
	if !ok || !alsoOK || !objects {
		return next
	}
	for _, m := range before.members {
		i, isKnown := written.find(m.name)
		j, remains := result.find(m.name)
		switch {
		case !isKnown && !remains:
			result.members = append(result.members, m)
		case isKnown && remains && written.members[i].name == m.name:
			r := &result.members[j]
			r.value = Keep(m.value, written.members[i].value, r.value)
		}
	}
	return result.text()
}

// keepElements is Keep for arrays.
func keepElements(old, again, next []byte) []byte {
	before, written, result := elements(old), elements(again), elements(next)
	if len(before) != len(written) {
		return next
	}
	first, last := 0, 0 // how many elements stay at each end
	for most := min(len(written), len(result)); first < most && bytes.Equal(written[first], result[first]); first++ {
		result[first] = Keep(before[first], written[first], result[first])
	}
	for most := min(len(written), len(result)) - first; last < most; last++ {
		i, j := len(written)-1-last, len(result)-1-last
		if !bytes.Equal(written[i], result[j]) {
			break
		}
		result[j] = Keep(before[i], written[i], result[j])
	}
	if first+last == 0 {
		return next
	}
	return slices.Concat([]byte{'['}, bytes.Join(result, []byte{','}), []byte{']'})
}

// elements returns the elements of an array, or nil if the text is none.
func elements(text []byte) (all [][]byte) {
	d := jsontext.NewDecoder(bytes.NewReader(text))
	if d.PeekKind() != '[' {
		return nil
	}
	_, _ = d.ReadToken()
	for d.PeekKind() != ']' {
		value, err := d.ReadValue()
		if err != nil {
			return nil
		}
		all = append(all, value.Clone())
	}
	return all
}

// object is a JSON object in parts.
type object struct {
	members []member
	places  map[string]int // by folded name
}

type member struct {
	name  string
	value jsontext.Value
}

// fold makes names equal that a struct may take for one.
func fold(name string) string { return strings.ToLower(separators.Replace(name)) }

var separators = strings.NewReplacer("_", "", "-", "")

// find returns the place of a member of the name, or otherwise of one that a
// struct may take for it.
func (o *object) find(name string) (int, bool) {
	i, ok := o.places[name]
	if !ok {
		i, ok = o.places["\xff"+fold(name)] // which is no name
	}
	return i, ok
}

// parse reports false if the text is no object.
func parse(text []byte) (o object, ok bool) {
	d := jsontext.NewDecoder(bytes.NewReader(text))
	if d.PeekKind() != '{' {
		return o, false
	}
	_, _ = d.ReadToken()
	o.places = map[string]int{}
	for d.PeekKind() == '"' {
		token, err := d.ReadToken()
		if err != nil {
			return o, false
		}
		name := token.String()
		value, err := d.ReadValue()
		if err != nil {
			return o, false
		}
		o.places[name] = len(o.members)
		o.places["\xff"+fold(name)] = len(o.members)
		o.members = append(o.members, member{name, value.Clone()})
	}
	return o, d.PeekKind() == '}'
}

func (o *object) text() []byte {
	b := []byte{'{'}
	for i, m := range o.members {
		if i > 0 {
			b = append(b, ',')
		}
		b, _ = jsontext.AppendQuote(b, m.name) // which was read, so it is valid
		b = append(append(b, ':'), m.value...)
	}
	return append(b, '}')
}
