package codec

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"reflect"
)

// Gob encodes values with encoding/gob. It writes maps in random order, so
// equal values can have different encodings.
type Gob struct{}

var (
	errCycle = errors.New("value is nested too deeply or refers to itself")
	errNil   = errors.New("gob has no nil pointer; delete the key instead")
)

// Name returns "gob".
func (Gob) Name() string { return "gob" }

// Marshal encodes v. It refuses values on which package gob would panic or
// exhaust the stack, and those that Unmarshal could not read as the same type.
func (Gob) Marshal(v any) ([]byte, error) {
	var w gobWriter
	w.encoder = gob.NewEncoder(&w)
	if !walk(v, w.define) {
		return nil, errCycle
	}
	value := reflect.ValueOf(v)
	for p := value; p.Kind() == reflect.Pointer; p = p.Elem() {
		if p.IsNil() {
			return nil, errNil // gob would panic
		}
	}
	if value.IsValid() && value.Kind() != reflect.Pointer { // so that it finds the methods of *T
		p := reflect.New(value.Type())
		p.Elem().Set(value)
		value = p
	}
	if err := w.encoder.EncodeValue(value); err != nil {
		return nil, err
	}
	if err := checkGob(w.b); err != nil {
		return nil, err
	}
	t := reflect.TypeOf(v)
	if tr := traitsOf(t); tr.gob.exists {
		return w.b, tr.gob.check(w.b, t, Gob{}.Unmarshal)
	}
	return w.b, nil
}

// MarshalGob is [Gob.Marshal] for a value that is to be read as a type.
func MarshalGob(t reflect.Type, v any) ([]byte, error) {
	base := t
	for base.Kind() == reflect.Pointer {
		base = base.Elem()
	}
	if base.Kind() == reflect.Interface {
		return nil, fmt.Errorf("gob cannot read a value as %v; use a concrete type, or a struct with a field of the interface", t)
	}
	return Gob{}.Marshal(v)
}

// Unmarshal decodes data into the value that the pointer v points to. It
// allocates no more than a multiple of the length of data, which depends on the
// type of v.
func (Gob) Unmarshal(data []byte, v any) error {
	if err := checkGob(data); err != nil {
		return err
	}
	return gob.NewDecoder(bytes.NewReader(data)).Decode(v)
}

// gobWriter collects what an encoder writes, a message at a time.
type gobWriter struct {
	encoder *gob.Encoder
	b       []byte
	last    int // where the last message begins
	defined map[reflect.Type]bool
}

func (w *gobWriter) Write(message []byte) (int, error) {
	w.last = len(w.b)
	w.b = append(w.b, message...)
	return len(message), nil
}

// define writes the definition of the type of what an interface holds. Package
// gob would write it in the middle of the value, where a decoder that does not
// know the field skips it, and fails.
func (w *gobWriter) define(v reflect.Value) {
	t := v.Type()
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return // an error of the value
		}
		v = v.Elem()
	}
	if w.defined[t] || scalar(v.Kind()) {
		return
	}
	if w.defined == nil {
		w.defined = map[reflect.Type]bool{}
	}
	w.defined[t] = true
	if w.encoder.EncodeValue(v) == nil { // an error is one of the value, too
		w.b = w.b[:w.last]
	}
}
