package codec

import (
	"encoding"
	"encoding/gob"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
)

// traits are what the codecs must know about a type and the types inside it.
type traits struct {
	dynamic bool  // JSON may fill an interface
	custom  bool  // methods or interfaces decide on the encoding as JSON
	timed   bool  // there is a time.Time
	json    doubt // whether JSON can read what it writes
	gob     doubt // whether Gob can
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
	if t == reflect.TypeFor[time.Time]() {
		tr.timed = true
		return
	}
	if seen[t] {
		return
	}
	seen[t] = true
	if t.Kind() == reflect.Interface {
		tr.dynamic, tr.custom = true, true
		tr.gob.add("")
		if t.NumMethod() == 0 {
			tr.json.add("")
		} else {
			tr.json.add(fmt.Sprintf("use a concrete type instead of %v", t))
		}
		return
	}
	tr.halves(t)
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
			f := t.Field(i)
			if f.IsExported() || f.Anonymous {
				tr.add(f.Type, seen)
			}
			if f.Anonymous && !f.IsExported() && f.Type.Kind() == reflect.Pointer {
				tr.json.add(fmt.Sprintf("embed %v itself instead of a pointer, or export it", f.Type.Elem()))
			}
		}
	}
}

// customMethods can write random bytes, or bytes that they refuse to read.
// MarshalText could, too, but is used for simple values.
var customMethods = []reflect.Type{
	reflect.TypeFor[json.Marshaler](), reflect.TypeFor[json.MarshalerTo](), reflect.TypeFor[json.Unmarshaler](),
}

// doubt says whether a codec may write a value that it can never read, and what
// to do about it.
type doubt struct {
	exists bool
	remedy string // "" if the codec says it
}

func (d *doubt) add(remedy string) {
	d.exists = true
	if d.remedy == "" {
		d.remedy = remedy
	}
}

// check reads what a codec has written for a value of a type.
func (d *doubt) check(data []byte, t reflect.Type, unmarshal func([]byte, any) error) error {
	err := unmarshal(data, reflect.New(t).Interface())
	switch {
	case err == nil:
		return nil
	case d.remedy == "":
		return fmt.Errorf("it could not be read again: %w", err)
	}
	return fmt.Errorf("it could not be read again: %w; %s", err, d.remedy)
}

// halves adds doubts about a type with methods to encode itself and none to
// decode itself.
func (tr *traits) halves(t reflect.Type) {
	has := func(methods ...reflect.Type) bool {
		for _, method := range methods {
			if reflect.PointerTo(t).Implements(method) {
				return true
			}
		}
		return false
	}
	switch {
	case has(reflect.TypeFor[json.Marshaler](), reflect.TypeFor[json.MarshalerTo]()):
		if !has(reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[json.UnmarshalerFrom]()) {
			tr.json.add(fmt.Sprintf("add a method UnmarshalJSON to %v", t))
		}
	case has(reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[encoding.TextAppender]()) && !has(reflect.TypeFor[encoding.TextUnmarshaler]()):
		tr.json.add(fmt.Sprintf("add a method UnmarshalText to %v", t))
	}
	switch {
	case has(reflect.TypeFor[gob.GobEncoder]()) != has(reflect.TypeFor[gob.GobDecoder]()):
		tr.gob.add(fmt.Sprintf("%v needs both GobEncode and GobDecode", t))
	case has(reflect.TypeFor[encoding.BinaryMarshaler]()) != has(reflect.TypeFor[encoding.BinaryUnmarshaler]()):
		tr.gob.add(fmt.Sprintf("%v needs both MarshalBinary and UnmarshalBinary", t))
	}
}
