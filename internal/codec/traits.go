package codec

import (
	"reflect"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
)

// traits are what JSON must know about a type and the types inside it.
type traits struct {
	dynamic bool // Unmarshal may fill an interface
	custom  bool // methods or interfaces decide on the encoding
}

var knownTraits sync.Map // of traits by reflect.Type

func traitsOf(t reflect.Type) traits {
	if known, ok := knownTraits.Load(t); ok {
		return known.(traits)
	}
	var found traits
	found.add(t, map[reflect.Type]bool{})
	knownTraits.Store(t, found)
	return found
}

// add adds the traits of a type that has not been seen.
func (tr *traits) add(t reflect.Type, seen map[reflect.Type]bool) {
	if seen[t] || t == reflect.TypeFor[time.Time]() {
		return
	}
	seen[t] = true
	if t.Kind() == reflect.Interface {
		tr.dynamic, tr.custom = true, true
		return
	}
	p := reflect.PointerTo(t)
	if p.Implements(reflect.TypeFor[json.UnmarshalerFrom]()) { // it can pass the decoder on
		tr.dynamic, tr.custom = true, true
	}
	for _, method := range customMethods {
		tr.custom = tr.custom || p.Implements(method)
	}
	switch t.Kind() {
	case reflect.Map:
		tr.add(t.Key(), seen)
		tr.add(t.Elem(), seen)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		tr.add(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() || f.Anonymous {
				tr.add(f.Type, seen)
			}
		}
	}
}

// customMethods can write random bytes, or bytes that they refuse to read.
// MarshalText could, too, but is used for simple values.
var customMethods = []reflect.Type{
	reflect.TypeFor[json.Marshaler](), reflect.TypeFor[json.MarshalerTo](), reflect.TypeFor[json.Unmarshaler](),
}
