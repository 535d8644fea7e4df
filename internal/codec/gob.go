package codec

import (
	"bytes"
	"encoding/gob"
	"errors"
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
// exhaust the stack.
func (Gob) Marshal(v any) ([]byte, error) {
	if !shallow(v) {
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
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).EncodeValue(value); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Unmarshal decodes data into the value that the pointer v points to.
func (Gob) Unmarshal(data []byte, v any) error {
	return gob.NewDecoder(bytes.NewReader(data)).Decode(v)
}
